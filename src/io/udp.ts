/**
 * UDP sockets. Each is by itself: what one address cannot send or receive, no other one feels
 * (kronosnet's senders span on ENETUNREACH and stopped every link). A datagram that the kernel
 * refuses is reported once and not tried again here.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { markDatagrams } from './descriptors.ts';

/** What a socket tells whoever opened it. */
export interface DatagramListener {
  /** `isMarked`: its datagrams carry the class of service that was asked for. */
  onOpen(port: number, isMarked?: boolean): void;
  onDatagram(bytes: Buffer, address: string, port: number): void;
  /** The socket is closed, or could not be bound. */
  onFailed(error: NodeJS.ErrnoException): void;
  /** One datagram was not sent: EMSGSIZE, ENETUNREACH and others. */
  onUnsent(error: NodeJS.ErrnoException, address: string, port: number): void;
}
export interface DatagramSocket {
  send(bytes: Uint8Array, address: string, port: number): void;
  close(): void;
}
/** Port 0 is any that is free. The class of service is a code point (RFC 2474); default 0. */
export type OpenDatagramSocket = (
  address: string,
  port: number,
  listener: DatagramListener,
  classOfService?: number,
) => DatagramSocket;

/** What the kernel may hold for us: it takes less where the system's limit is less. */
const kernelBufferBytes = 4 * 1024 * 1024;

export const openUdp: OpenDatagramSocket = (address, port, listener, classOfService = 0) => {
  const family = isIPv6(address) ? 6 : 4;
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    // Addresses are numbers already; Node's own look-up would take a turn of the event loop.
    lookup: (hostname, _options, callback) => callback(null, hostname, family),
  });
  const mark = () => classOfService === 0 || markDatagrams(socket, family, classOfService);
  const opened = new UdpSocket(socket, listener, mark);
  socket.bind({ address, port, exclusive: true });
  return opened;
};

class UdpSocket implements DatagramSocket {
  readonly #socket: Socket;
  readonly #listener: DatagramListener;
  #isOpen = false;
  #isClosed = false;

  constructor(socket: Socket, listener: DatagramListener, mark: () => boolean) {
    this.#socket = socket;
    this.#listener = listener;
    socket.on('listening', () => {
      if (this.#isClosed) return;
      this.#isOpen = true;
      socket.setRecvBufferSize(kernelBufferBytes);
      socket.setSendBufferSize(kernelBufferBytes);
      listener.onOpen(socket.address().port, mark());
    });
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      if (!this.#isClosed) listener.onDatagram(bytes, from.address, from.port);
    });
    socket.on('error', (error) => {
      if (this.#isClosed) return;
      this.close();
      listener.onFailed(error);
    });
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    if (!this.#isOpen || this.#isClosed) return;
    this.#socket.send(bytes, port, address, (error) => {
      if (error && !this.#isClosed) this.#listener.onUnsent(error, address, port);
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }
}
