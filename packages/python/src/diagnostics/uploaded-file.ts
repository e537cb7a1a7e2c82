// The file in the plugin by which dask's `upload_file` reaches a scheduler: its name and bytes lie
// open in the pickle, so that no Python is needed to take it out.
import { PyObject } from "../pickle/nodes.js";
import { readPickle } from "../pickle/read-pickle.js";

/** A file that is to be importable everywhere. */
export interface UploadedFile {
  filename: string;
  data: Uint8Array;
  /** Import it as well. */
  load: boolean;
}

/**
 * Reads the file that a scheduler plugin uploads.
 *
 * @param plugin - the pickled plugin
 * @returns null if it is another plugin
 * @throws PickleFormatError if it is no pickle
 */
export function uploadedFile(plugin: Uint8Array): UploadedFile | null {
  const node = readPickle(plugin);
  const isUpload =
    node instanceof PyObject &&
    node.isMadeBy("distributed.diagnostics.plugin", "SchedulerUploadFile");
  if (!isUpload || !(node.state instanceof Map)) return null;
  const filename = node.state.get("filename");
  const data = node.state.get("data");
  // A name, never a path that leads elsewhere.
  const isName = typeof filename === "string" && /^[^/\\]+$/.test(filename) && filename !== "..";
  if (!isName || !(data instanceof Uint8Array)) return null;
  return { filename, data, load: node.state.get("load") !== false };
}
