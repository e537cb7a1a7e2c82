# Quartiles of a sample from the normal distribution with this mean. cat() writes bare numbers,
# where print() would add [1].
args <- commandArgs(trailingOnly = TRUE)
set.seed(as.integer(args[1]))
x <- rnorm(10000, mean = as.numeric(args[2]))
cat(format(quantile(x, c(0.25, 0.5, 0.75)), digits = 15), "\n")
