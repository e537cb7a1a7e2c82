// Debian's sshd on a port of its own, that lets one key in and gives its sessions a home of their
// own: a login node for tests. Nothing of the machine's own ssh is read or changed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { userInfo } from "node:os";
import { execa } from "execa";
import { TestFolder } from "../commands/processes.js";

export class SshServer implements AsyncDisposable {
  /** What a client must use instead of the user's own; knows the host `login`. */
  readonly configFile: string;
  readonly #folder: TestFolder;
  readonly #process: ChildProcess;

  private constructor(folder: TestFolder, process: ChildProcess) {
    this.#folder = folder;
    this.#process = process;
    this.configFile = folder.file("client");
  }

  /** @param acmeHome - of the sessions */
  static async start(sshd: string, acmeHome: string): Promise<SshServer> {
    const folder = new TestFolder();
    const port = await freePort();
    for (const key of ["host", "user"]) {
      await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", folder.file(key)]);
    }
    copyFileSync(folder.file("user.pub"), folder.file("allowed"));
    writeFileSync(folder.file("server"), serverConfig(folder, port, acmeHome));
    writeFileSync(folder.file("client"), clientConfig(folder, port));
    // As root it insists on this folder, which the service of the system makes elsewhere.
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    const child = spawn(sshd, ["-D", "-e", "-f", folder.file("server")], { stdio: "ignore" });
    await isListening(port, child);
    return new SshServer(folder, child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill();
    if (this.#process.exitCode === null) await once(this.#process, "exit");
    this.#folder[Symbol.dispose]();
  }
}

const serverConfig = (folder: TestFolder, port: number, acmeHome: string): string => `
Port ${port}
ListenAddress 127.0.0.1
HostKey ${folder.file("host")}
AuthorizedKeysFile ${folder.file("allowed")}
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
PidFile none
SetEnv ACME_HOME=${acmeHome}
`;

const clientConfig = (folder: TestFolder, port: number): string => `
Host login
  HostName 127.0.0.1
  Port ${port}
  User ${userInfo().username}
  IdentityFile ${folder.file("user")}
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
`;

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function isListening(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`sshd ended with code ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
