// How many primes there are below n, and the largest of them, as JSON.
public class Primes {
  public static void main(String[] args) {
    int n = Integer.parseInt(args[0]);
    boolean[] composite = new boolean[n];
    int count = 0;
    int largest = 0;
    for (int i = 2; i < n; i++) {
      if (composite[i]) continue;
      count++;
      largest = i;
      for (long k = (long) i * i; k < n; k += i) composite[(int) k] = true;
    }
    System.out.printf("{\"below\": %d, \"count\": %d, \"largest\": %d}%n", n, count, largest);
  }
}
