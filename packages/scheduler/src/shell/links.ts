// Streams of registered workers and clients, by link number. Turns batches into events and
// outbox entries into messages; which messages, the core has decided.
import { type Connection, type OnLog, Stream } from "@acme/comm";
import {
  clientToScheduler,
  isAcmeError,
  type MessageReader,
  type PayloadHeader,
  plainErrorFields,
  Serialized,
  type UnknownOp,
  type WireMap,
  workerToScheduler,
} from "@acme/protocol";
import type { UpdateGraph } from "../core/client-state.js";
import type { Link, SchedulerEvent } from "../core/events.js";
import type { OutMessage } from "../core/outbox.js";
import { shellLimits } from "./limits.js";

export interface LinksOptions {
  post: (event: SchedulerEvent) => void;
  onLog: OnLog;
  /** A graph came in, and has not been posted yet. */
  onGraph: (message: UpdateGraph) => void;
  /** An error of our own for a Python client; undefined: there is no such form of it. */
  exceptionOf: (fields: PayloadHeader) => Uint8Array | undefined;
  /** No link of this worker is open any more: calls to it are in vain. */
  onPeerGone: (address: string) => void;
}

/** Who is at the other end: a worker by the address it serves, or a client. */
export type Peer = { kind: "worker"; address: string } | { kind: "client"; isPython: boolean };

interface OpenLink {
  peer: Peer;
  stream: Stream;
  /** The core was told of a backlog and has not been told that it is gone. */
  backlogged: boolean;
}

export class Links {
  readonly #open = new Map<Link, OpenLink>();
  /** The latest link of each worker. */
  readonly #linkOf = new Map<string, Link>();
  readonly #options: LinksOptions;
  #last = 0;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** Number for a connection that is about to register; never used twice. */
  next(): Link {
    this.#last += 1;
    return this.#last;
  }

  /** Turns the connection into the stream of this link. */
  open(link: Link, peer: Peer, connection: Connection): void {
    const stream = new Stream(connection, {
      onBatch: (batch) => this.#receive(link, peer.kind, batch),
      onClose: ({ reason }) => this.#closed(link, peer, reason),
      onLog: this.#options.onLog,
    });
    if (peer.kind === "worker") this.#linkOf.set(peer.address, link);
    this.#open.set(link, { peer, stream, backlogged: false });
  }

  /** Sends the messages of one step. What workers are to do leaves before what clients are told. */
  sendAll(links: ReadonlyMap<Link, readonly OutMessage[]>): void {
    for (const kind of ["worker", "client"]) {
      for (const [link, messages] of links) {
        if (this.#open.get(link)?.peer.kind === kind) this.#send(link, messages);
      }
    }
  }

  // In order. A link that is gone meanwhile takes none.
  #send(link: Link, messages: readonly OutMessage[]): void {
    const open = this.#open.get(link);
    if (open === undefined) return;
    if (open.peer.kind === "client" && open.peer.isPython) {
      open.stream.send(messages.map((message) => this.#forPython(message)));
    } else if (messages.every(({ op }) => op === "graph-received")) open.stream.pushLate(messages);
    else open.stream.send(messages);
    if (!open.backlogged && open.stream.writableLength > shellLimits.backlogBytes) {
      void this.#reportBacklog(link, open);
    }
  }

  /** What a Python client cannot read in it is put into its words. */
  #forPython(message: OutMessage): OutMessage {
    if (message.op !== "task-erred" || !(message.exception instanceof Serialized)) return message;
    const fields = plainErrorFields(message.exception);
    const exception = fields === undefined ? undefined : this.#options.exceptionOf(fields);
    return exception === undefined ? message : { ...message, exception };
  }

  /** Ends a link after what was sent; the core has asked for it. */
  close(link: Link, reason: string): void {
    void this.#open.get(link)?.stream.connection.close({ reason });
  }

  /**
   * Tells all workers to end, and our clients not to seek this scheduler again. Python's are not
   * told: they take it for the end of their own stream, and would neither cancel nor reconnect.
   */
  dismissAll(reason: string): void {
    for (const { peer, stream } of this.#open.values()) {
      if (peer.kind === "client" && peer.isPython) continue;
      stream.push(peer.kind === "worker" ? { op: "close", reason } : { op: "stream-closed" });
      stream.flush();
    }
  }

  #closed(link: Link, peer: Peer, reason: string): void {
    if (!this.#open.delete(link)) return;
    if (peer.kind === "client") this.#options.post({ type: "client-gone", link, reason });
    else {
      this.#options.post({ type: "worker-gone", link, reason });
      // A worker that registers anew may have its next link before its last one is closed.
      if (this.#linkOf.get(peer.address) !== link) return;
      this.#linkOf.delete(peer.address);
      this.#options.onPeerGone(peer.address);
    }
  }

  #receive(link: Link, kind: "worker" | "client", batch: WireMap[]): void {
    try {
      if (kind === "worker") {
        const messages = this.#read(workerToScheduler, batch, link);
        this.#options.post({ type: "worker-messages", link, messages });
      } else {
        const messages = this.#read(clientToScheduler, batch, link);
        for (const message of messages) {
          if (message.op === "update-graph") this.#options.onGraph(message);
        }
        this.#options.post({ type: "client-messages", link, messages });
      }
    } catch (error) {
      if (!isAcmeError(error)) throw error;
      const connection = this.#open.get(link)?.stream.connection;
      const peerAddress = connection?.peerAddress ?? "";
      const message = `closed the ${kind} stream with ${peerAddress}: ${error.message}`;
      this.#options.onLog({ level: "warn", event: "bad-message", message, peerAddress, error });
      connection?.abort(error.message);
    }
  }

  #read<M>(reader: MessageReader<M>, batch: WireMap[], link: Link): M[] {
    const messages: M[] = [];
    for (const map of batch) {
      const message = reader.read(map) as M | UnknownOp;
      if ((message as UnknownOp).op !== null) messages.push(message as M);
      else this.#logUnknown(link, (message as UnknownOp).name);
    }
    return messages;
  }

  #logUnknown(link: Link, op: string): void {
    const peerAddress = this.#open.get(link)?.stream.connection.peerAddress ?? "";
    const message = `ignored unknown op ${JSON.stringify(op.slice(0, 100))} from ${peerAddress}`;
    this.#options.onLog({ level: "warn", event: "unknown-op", message, peerAddress });
  }

  async #reportBacklog(link: Link, open: OpenLink): Promise<void> {
    open.backlogged = true;
    this.#options.post({ type: "link-backlog", link, bytes: open.stream.writableLength });
    await open.stream.drained();
    open.backlogged = false;
    if (this.#open.has(link)) this.#options.post({ type: "link-backlog", link, bytes: 0 });
  }
}
