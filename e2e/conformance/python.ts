// What the Python environment of this command holds: the newest dask with what its collections
// need, and what runs dask's own tests.
export const packages: readonly string[] = [
  "dask",
  "distributed",
  "numpy",
  "pandas",
  "pyarrow",
  "bokeh",
  "ipywidgets",
  "requests",
  "pytest",
  "pytest-timeout",
];
