// The declarative description of a file: plain nodes made by small constructors.
// It knows what may be in a file, not how it is written.
import { type ArrayInput, asArray, type NDArray } from "./ndarray.js";

/** Attributes by name. Strings become UTF-8 text, numbers float64; use {@link asArray} for more. */
export type Attributes = Readonly<Record<string, ArrayInput | NDArray>>;

/** Members by name. Use a Map when names could be integers: records put those first. */
export type Members = Readonly<Record<string, Member>> | ReadonlyMap<string, Member>;

export type Member =
  | GroupNode
  | DatasetNode
  | StreamedDatasetNode
  | VirtualDatasetNode
  | ExternalLinkNode
  | SoftLinkNode;

export interface GroupNode {
  readonly type: "group";
  readonly members: Members;
  readonly attributes: Attributes;
}

export interface DatasetNode {
  readonly type: "dataset";
  readonly array: NDArray;
  readonly attributes: Attributes;
  readonly gzip: number;
  readonly shuffle: boolean;
  readonly fill: number | bigint | boolean | undefined;
}

export interface StreamedDatasetOptions {
  readonly shape: readonly number[];
  /** numpy name of a type of numbers, or the datatype that {@link inspectFile} found. */
  readonly dtype: string | Uint8Array;
  /** Makes the elements in C order, little-endian, in pieces of any size; asked for once. */
  readonly blocks: () => AsyncIterable<Uint8Array>;
  readonly attributes?: Attributes;
}

export interface StreamedDatasetNode extends Required<StreamedDatasetOptions> {
  readonly type: "streamed-dataset";
}

export interface VirtualDatasetNode extends VirtualDatasetOptions {
  readonly type: "virtual-dataset";
}

export interface ExternalLinkNode {
  readonly type: "external-link";
  readonly file: string;
  readonly path: string;
}

export interface SoftLinkNode {
  readonly type: "soft-link";
  readonly path: string;
}

export interface GroupOptions {
  readonly members?: Members;
  readonly attributes?: Attributes;
}

export interface DatasetOptions {
  /** Convert the elements to this dtype first; a lossy conversion is refused. */
  readonly dtype?: string;
  readonly attributes?: Attributes;
  /**
   * Deflate level 1 to 9; 0 (the default) stores plain. Scalars, empty arrays, text of variable
   * length and arrays above 1 GiB are always stored plain.
   */
  readonly gzip?: number;
  /** Group equal bytes of neighbours before deflating. Default true; matters only with `gzip`. */
  readonly shuffle?: boolean;
  /** The fill value recorded in the file, for readers that extend the dataset. */
  readonly fill?: number | bigint | boolean;
}

export interface VirtualDatasetOptions {
  /** Present size; one dimension may grow, see `maxShape`. */
  readonly shape: readonly number[];
  /** Largest size, `Infinity` for unlimited. Default: `shape`. */
  readonly maxShape?: readonly number[];
  /** Element type of the view; sources of other numeric types are converted while reading. */
  readonly dtype: string;
  /** Shown where a source is missing. Default NaN for floats and complex, 0 for the rest. */
  readonly fill?: number | bigint | boolean;
  readonly sources: readonly VirtualSource[];
  readonly attributes?: Attributes;
}

/** One piece of a virtual dataset. */
export interface VirtualSource {
  /** Path of the source file relative to the folder of this file, with "/" between its parts. */
  readonly file: string;
  /** Path of the dataset inside the source file. */
  readonly dataset: string;
  /** Where the piece begins in the view, one entry per dimension. */
  readonly start: readonly number[];
  /** Size of the piece in the view; `Infinity` along an unlimited dimension. */
  readonly count: readonly number[];
  /** The part of the source to show. Default: all of it; required when `count` has `Infinity`. */
  readonly selection?: { readonly start: readonly number[]; readonly count: readonly number[] };
}

/**
 * The root of a file.
 *
 * @param options - `members` and `attributes` of the root group
 * @example
 * const tree = file({ members: { result_0: dataset([1, 2, 3]) }, attributes: { host: "node7" } });
 */
export function file(options: GroupOptions = {}): GroupNode {
  return group(options);
}

/**
 * A group: a folder inside the file. Readers that follow creation order list the members in the
 * order given here: h5py does so for groups (the root too, when opened as `f["/"]`).
 *
 * @param options - `members` and `attributes` of the group
 * @example
 * group({ members: { comp_0: externalLink("f_payload/f_0.h5", "/") } });
 */
export function group(options: GroupOptions = {}): GroupNode {
  return { type: "group", members: options.members ?? {}, attributes: options.attributes ?? {} };
}

/**
 * An array stored in the file. Its elements are not copied until they are written.
 *
 * @param value - whatever {@link asArray} accepts; a scalar becomes a scalar dataspace
 * @param options - dtype, compression, fill value, attributes
 * @throws Hdf5Error as {@link asArray} does
 * @example
 * dataset({ data: new Float32Array(6), shape: [2, 3] }, { gzip: 4, attributes: { unit: "mV" } });
 */
export function dataset(value: ArrayInput | NDArray, options: DatasetOptions = {}): DatasetNode {
  return {
    type: "dataset",
    array: asArray(value, options.dtype === undefined ? {} : { dtype: options.dtype }),
    attributes: options.attributes ?? {},
    gzip: options.gzip ?? 0,
    shuffle: options.shuffle ?? true,
    fill: options.fill,
  };
}

/**
 * An array whose elements are made while the file is written, so that it may be larger than memory.
 *
 * @param options - shape, dtype and where the elements come from
 * @example
 * async function* zeros() {
 *   for (let row = 0; row < 1000; row++) yield new Uint8Array(8 * 1000);
 * }
 * streamedDataset({ shape: [1000, 1000], dtype: "float64", blocks: zeros });
 */
export function streamedDataset(options: StreamedDatasetOptions): StreamedDatasetNode {
  return { type: "streamed-dataset", ...options, attributes: options.attributes ?? {} };
}

/**
 * A dataset whose elements stay in other files. Readers show the fill value, silently, for
 * sources that are missing, corrupt, or beyond their limit of open files.
 *
 * @param options - shape, dtype and sources; file names are relative, so the folder can be moved
 * @example
 * virtualDataset({
 *   shape: [2, 3],
 *   dtype: "float64",
 *   sources: [0, 1].map((i) => ({
 *     file: `f_payload/f_${i}.h5`, dataset: "result_0", start: [i, 0], count: [1, 3],
 *   })),
 * });
 */
export function virtualDataset(options: VirtualDatasetOptions): VirtualDatasetNode {
  return { type: "virtual-dataset", ...options };
}

/**
 * A link to an object in another file, looked up when it is followed.
 *
 * @param file - path relative to the folder of the file that holds the link
 * @param path - path of the object inside that file, "/" for its root
 * @example
 * externalLink("f_payload/f_0.h5", "/");
 */
export function externalLink(file: string, path = "/"): ExternalLinkNode {
  return { type: "external-link", file, path };
}

/**
 * A link to a path in the same file, which may be absent.
 *
 * @param path - absolute, or relative to the group that holds the link
 * @example
 * softLink("/comp_0/result_0");
 */
export function softLink(path: string): SoftLinkNode {
  return { type: "soft-link", path };
}
