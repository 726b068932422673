import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** A wire that can be cut: setOffline of the browser does not touch open WebSockets in every version. */
export class Wire {
  private readonly pairs = new Set<Socket>();
  private isCut = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(target: string): Promise<Wire> {
    const { hostname, port } = new URL(target);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const wire = new Wire(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("connection", (near) => {
      if (wire.isCut) {
        near.destroy();
        return;
      }
      const far = connect(Number(port), hostname);
      for (const socket of [near, far]) {
        wire.pairs.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => {
          wire.pairs.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.on("data", (data) => !wire.isCut && far.write(data));
      far.on("data", (data) => !wire.isCut && near.write(data));
    });
    return wire;
  }

  /** From now on nothing passes and nobody is told: the page has to find out. */
  cut(): void {
    this.isCut = true;
  }

  /** New connections pass again; the old ones are dead. */
  mend(): void {
    this.isCut = false;
    for (const socket of this.pairs) socket.destroy();
  }

  close(): void {
    for (const socket of this.pairs) socket.destroy();
    this.server.close();
  }
}
