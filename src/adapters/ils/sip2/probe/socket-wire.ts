import type { Socket } from 'node:net'
import type { Clock, Millis } from '../../../../kernel/clock.ts'
import { longestAnswer } from '../framing.ts'
import type { Sip2Settings } from '../settings.ts'
import { connectSocket } from '../socket.ts'
import type { Heard, LineEnd, ProbeWire } from './step.ts'

const CR = 0x0d
const LF = 0x0a

/** One connection as the probe uses it: what has come, and who waits for it. */
class Line {
  readonly socket: Socket
  #bytes: Buffer = Buffer.alloc(0)
  #wake: () => void = () => {}
  closed = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      // No more is read than can be an answer: a flood stays on the other side.
      if (this.#bytes.length > longestAnswer) socket.pause()
      this.#wake()
    })
    const gone = (): void => {
      this.closed = true
      this.#wake()
    }
    socket.on('end', gone)
    socket.on('close', gone)
  }

  /** Waits until `look` finds something in what has come, or for `patience`, or for the end of the line. */
  wait(clock: Clock, patience: Millis, look: (bytes: Buffer) => Heard | undefined): Promise<Heard> {
    return new Promise(resolve => {
      const end = (heard: Heard): void => {
        cancel()
        this.#wake = () => {}
        resolve(heard)
      }
      const again = (): void => {
        const found = look(this.#bytes)
        if (found) end(found)
        else if (this.#bytes.length > longestAnswer) end({ heard: 'flood' })
        else if (this.closed) end({ heard: 'closed', bytes: this.take() })
      }
      const cancel = clock.after(patience, () => end({ heard: 'silence', bytes: this.take() }))
      this.#wake = again
      again()
    })
  }

  take(length = this.#bytes.length): Buffer {
    const taken = this.#bytes.subarray(0, length)
    this.#bytes = this.#bytes.subarray(length)
    return taken
  }
}

/** Index of the first byte that is no line end, blank or NUL. */
const beginOf = (bytes: Buffer): number => {
  let at = 0
  while (at < bytes.length && [CR, LF, 0x20, 0].includes(bytes[at]!)) at++
  return at
}

const endAt = (bytes: Buffer, at: number): LineEnd => {
  const [first, second] = [bytes[at], bytes[at + 1]]
  if (first === CR) return second === LF ? '\r\n' : '\r'
  return second === CR ? '\n\r' : '\n'
}

/** Connections of a probe over real sockets. */
export const socketWire = (
  target: Pick<Sip2Settings, 'host' | 'port'> & { readonly tls?: Sip2Settings['tls'] | undefined },
  clock: Clock,
  connectTimeoutSeconds: number,
): ProbeWire => {
  const lines = new Map<number, Line>()
  const close = (number: number): void => {
    lines.get(number)?.socket.destroy()
    lines.delete(number)
  }
  const { host, port } = target
  return {
    open: async (number, tls) => {
      const settings = tls ? { host, port, tls: target.tls ?? {} } : { host, port }
      const opened = await connectSocket(settings, { connectTimeoutSeconds }, clock)
      if (!opened.ok) return { heard: 'not-opened', code: opened.problem.their?.code ?? opened.problem.code }
      lines.set(number, new Line(opened.value))
      return { heard: 'opened' }
    },
    listen: async (number, patience, until) => {
      const line = lines.get(number)
      if (!line) return { heard: 'closed', bytes: new Uint8Array() }
      return line.wait(clock, patience, bytes =>
        until.test(bytes.toString('latin1'))
          ? { heard: 'line', bytes: line.take(), end: '\r', took: 0 }
          : undefined,
      )
    },
    say: async (number, bytes, patience, deaf) => {
      const line = lines.get(number)
      if (!line || line.closed) return { heard: 'closed', bytes: new Uint8Array() }
      const started = clock.now()
      line.take()
      line.socket.write(bytes)
      if (deaf) return { heard: 'done' }
      return line.wait(clock, patience, come => {
        const begin = beginOf(come)
        const at = come.findIndex((byte, i) => i >= begin && (byte === CR || byte === LF))
        if (at < 0) return undefined
        const end = endAt(come, at)
        const taken = line.take(at + end.length).subarray(begin, at)
        return { heard: 'line', bytes: Uint8Array.from(taken), end, took: clock.now() - started }
      })
    },
    close,
    end: () => {
      for (const number of [...lines.keys()]) close(number)
    },
  }
}
