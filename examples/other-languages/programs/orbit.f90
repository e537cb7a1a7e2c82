! The last points of the logistic map x -> r x (1 - x), as double precision.
program orbit
  implicit none
  character(len=32) :: word
  double precision :: r, x
  integer :: i
  call get_command_argument(1, word)
  read (word, *) r
  x = 0.5d0
  do i = 1, 1000
    x = r * x * (1 - x)
  end do
  do i = 1, 4
    x = r * x * (1 - x)
    write (*, '(D24.16)') x
  end do
end program orbit
