import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A terminal by hand: a socket, lines of bytes, and a checksum of its own. Nothing of our client. */
export class Terminal {
  readonly #socket: Socket
  #bytes = Buffer.alloc(0)
  #wake: () => void = () => {}
  ended = false
  failed: string | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#wake()
    })
    socket.on('end', () => {
      this.ended = true
      this.#wake()
    })
    socket.on('error', error => {
      this.failed = (error as NodeJS.ErrnoException).code ?? error.message
    })
    socket.on('close', () => {
      this.ended = true
      this.#wake()
    })
  }

  static async dial(port: number): Promise<Terminal> {
    const socket = connect({ port, host: '127.0.0.1' })
    const terminal = new Terminal(socket)
    await once(socket, 'connect')
    return terminal
  }

  send(bytes: string | Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** The next line without its end, or what is left when the other side has hung up. */
  async line(end: string): Promise<Buffer> {
    for (;;) {
      const at = this.#bytes.indexOf(end)
      if (at >= 0) {
        const line = this.#bytes.subarray(0, at)
        this.#bytes = this.#bytes.subarray(at + end.length)
        return line
      }
      if (this.ended) {
        const rest = this.#bytes
        this.#bytes = Buffer.alloc(0)
        return rest
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  async ask(bytes: string | Uint8Array, end = '\r'): Promise<Buffer> {
    this.send(bytes)
    return this.line(end)
  }

  async gone(): Promise<void> {
    while (!this.ended)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
  }

  hangUp(): void {
    this.#socket.destroy()
  }
}

/** Four digits that bring the sum of all bytes to zero, in 16 bits. */
export const az = (bytes: Uint8Array): string => {
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  return ((0x10000 - (sum & 0xffff)) & 0xffff).toString(16).toUpperCase().padStart(4, '0')
}

export const sealed = (text: string, sequence: number): Buffer => {
  const body = Buffer.from(`${text}AY${sequence}AZ`)
  return Buffer.concat([body, Buffer.from(`${az(body)}\r`)])
}
