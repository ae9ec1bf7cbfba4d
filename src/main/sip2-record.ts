import { createWriteStream, openSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import type { Encoding } from '../adapters/ils/sip2/encodings.ts'
import type { Clock } from '../kernel/clock.ts'
import { misconfigured, ProblemError } from '../kernel/problem.ts'
import { listening } from './listening.ts'
import { Pseudonyms } from './sip2-pseudonyms.ts'
import { type By, recordingHead } from './sip2-recording.ts'
import { createCharset, createTap } from './sip2-tap.ts'

/** Where the lines of a recording go. It takes what it can; it never waits and never throws. */
export interface Sink {
  write(line: string): void
  end(): Promise<void>
}

export interface RecorderSettings {
  readonly listen: { readonly host: string; readonly port: number }
  readonly to: { readonly host: string; readonly port: number }
  readonly sink: Sink
  readonly clock: Pick<Clock, 'now'>
  /** Of this recording alone; thrown away with it. */
  readonly key: Uint8Array
  readonly encoding: Encoding | 'auto'
  readonly delimiter: string
}

export interface Recorder {
  readonly port: number
  connections(): number
  close(): Promise<void>
}

const mostConnections = 1000

/**
 * A machine that connects here talks with the library system as if it were connected there: every byte passes
 * unchanged and at once, in both directions, whether it is SIP2 or not. What is said is written down beside it,
 * masked; when that fails the talk goes on.
 */
export const startRecorder = async (settings: RecorderSettings): Promise<Recorder> => {
  const { listen, to, sink, clock, delimiter } = settings
  const begun = clock.now()
  const open = new Set<Socket>()
  let number = 0
  const write = (connection: number, what: string, text = ''): void => {
    const time = Math.max(0, Math.round(clock.now() - begun))
    sink.write(`${connection} ${time} ${what}${text === '' ? '' : ` ${text}`}`)
  }
  for (const line of head(begun, delimiter)) sink.write(line)
  const charset = createCharset(settings.encoding, text => write(0, '=', text))
  const pseudonyms = new Pseudonyms(settings.key)

  const server = createServer({ allowHalfOpen: true, noDelay: true }, kiosk => {
    const connection = ++number
    const ils = connect({ ...to, allowHalfOpen: true, noDelay: true })
    const tap = guarded(
      createTap({ pseudonyms, delimiter, write: (what, text) => write(connection, what, text) }, charset),
      () => write(connection, '=', 'failed'),
    )
    write(connection, '+')
    join(kiosk, ils, { tap, gone: (by, why) => write(connection, '-', why === '' ? by : `${by} ${why}`) })
    for (const socket of [kiosk, ils]) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    }
  })
  server.maxConnections = mostConnections
  const port = await listening(server, listen)
  return {
    port,
    connections: () => open.size / 2,
    close: async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      for (const socket of open) socket.destroy()
      await closed
      await sink.end()
    },
  }
}

const head = (begun: number, delimiter: string): string[] => [
  recordingHead,
  `# begun ${Temporal.Instant.fromEpochMilliseconds(begun).toString({ smallestUnit: 'second' })}`,
  ...(delimiter === '|' ? [] : [`# delimiter ${delimiter}`]),
  '# 人名、证号、密码、电话、地址已替换；书名、条码、机构代码未替换，外传前请再看一遍。',
  '# Names, cards, PINs, phones and addresses are replaced; titles, barcodes and codes of institutions are not:',
  '# look through it before you pass it on.',
]

interface Ears {
  readonly tap: { take(by: By, chunk: Uint8Array): void; end(): void }
  gone(by: By, why: string): void
}

/** Two sockets as one line. The pipes come first: whatever listening does, it comes after the bytes have gone on. */
const join = (kiosk: Socket, ils: Socket, { tap, gone }: Ears): void => {
  kiosk.pipe(ils)
  ils.pipe(kiosk)
  let told = false
  const over = (by: By, why: string): void => {
    if (told) return
    told = true
    tap.end()
    gone(by, why)
  }
  const sides = [
    ['kiosk', kiosk, ils],
    ['ils', ils, kiosk],
  ] as const
  for (const [by, socket, other] of sides) {
    socket.on('data', (chunk: Buffer) => tap.take(by, chunk))
    socket.once('end', () => over(by, ''))
    // A line that was reset is reset on the other side too.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      over(by, error.code ?? 'error')
      other.resetAndDestroy()
    })
    socket.once('close', () => {
      over(by, '')
      if (!other.writableEnded) other.end()
    })
  }
}

/** Listening that fails is given up for this line; the line is not. */
const guarded = (tap: Ears['tap'], failed: () => void): Ears['tap'] => {
  let deaf = false
  const attempt = (act: () => void): void => {
    if (deaf) return
    try {
      act()
    } catch {
      deaf = true
      failed()
    }
  }
  return { take: (by, chunk) => attempt(() => tap.take(by, chunk)), end: () => attempt(() => tap.end()) }
}

const mostWaiting = 4 * 1024 * 1024

/** The part of a stream a recording needs: `createWriteStream` and what stands for it in tests. */
export interface Paper {
  readonly writableLength: number
  write(text: string): boolean
  end(done: () => void): void
  on(event: 'error', act: (error: Error) => void): unknown
  once(event: 'close', act: () => void): unknown
}

/**
 * Lines into a file. What the disk does not take in time is left out and counted; an error ends the recording,
 * once told, and nothing else.
 */
export const paperSink = (paper: Paper, trouble: (why: string) => void): Sink => {
  let broken = false
  let lost = 0
  paper.on('error', error => {
    if (broken) return
    broken = true
    trouble(error.message)
  })
  return {
    write: line => {
      if (broken) return
      if (paper.writableLength > mostWaiting) {
        lost++
        return
      }
      const note = lost > 0 ? `0 0 = lost ${lost}\n` : ''
      lost = 0
      paper.write(`${note}${line}\n`)
    },
    end: () =>
      new Promise(resolve => {
        if (broken) return resolve()
        paper.once('close', resolve)
        paper.end(() => resolve())
      }),
  }
}

/** A new file, readable by its owner only; one that is there already is not written over. */
export const fileSink = (file: string, trouble: (why: string) => void): Sink => {
  try {
    return paperSink(createWriteStream(file, { fd: openSync(file, 'wx', 0o600) }), trouble)
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown)
    const say = {
      zh: `无法写入 ${file}（不覆盖已有的文件）`,
      en: `${file} cannot be written (no file is written over)`,
    }
    throw new ProblemError(misconfigured('file-unwritable', say, { their: { text } }), { cause: thrown })
  }
}
