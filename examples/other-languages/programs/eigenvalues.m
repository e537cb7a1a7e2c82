% Eigenvalues of a symmetric matrix with this diagonal and ones beside it.
n = str2double(argv(){1});
d = str2double(argv(){2});
a = d * eye(n) + diag(ones(n - 1, 1), 1) + diag(ones(n - 1, 1), -1);
printf("%.15g\n", eig(a));
