import type { Command } from 'commander'
import { type Clock, type Millis, pause } from '../../kernel/clock.ts'
import type { Problem, Words } from '../../kernel/problem.ts'
import { type LinkAddress, openTcpLink } from '../../lockers/transport/tcp-link.ts'
import { type Recognised, recognise } from '../../lockers/vendors/known-frames.ts'
import { clock } from '../data.ts'
import { between, hostAndPort } from './doctor-sip2.ts'

interface Flags {
  readonly listen?: { readonly host: string; readonly port: number }
  readonly seconds: number
}

/** Adds `shuqiao doctor frames`. */
export const addFramesDoctor = (doctor: Command): void => {
  doctor
    .command('frames')
    .description('tell which lock boards some bytes belong to, and which driver speaks to them')
    .argument('[bytes...]', 'from a document: 8A 01 01 11 9B, or text as YT+PING=1')
    .option('--listen <host:port>', 'hear a serial server on whose line another program speaks', hostAndPort)
    .option('--seconds <n>', 'how long to listen', between(1, 600), 10)
    .action(async (parts: readonly string[], { listen, seconds }: Flags) => {
      const bytes = listen
        ? await overheard({ dial: listen }, seconds * 1000, clock)
        : bytesOf(parts.join(' '))
      const found = recognise(bytes ?? new Uint8Array(0))
      const none = !bytes ? nobodyThere : bytes.length === 0 ? nothingSaid : unknown
      for (const line of found.length > 0 ? found.map(lineOf) : [`✗ ${both(none)}`])
        process.stdout.write(`${line}\n`)
      if (!found.some(one => one.driven)) process.exitCode = 1
    })
}

/**
 * What is said on a line while nothing is sent to it: at most as much as is looked through. Undefined where nobody took
 * the call.
 */
export const overheard = async (
  address: LinkAddress,
  time: Millis,
  clock: Clock,
): Promise<Uint8Array | undefined> => {
  const chunks: Uint8Array[] = []
  let length = 0
  let reached = false
  const link = openTcpLink(address, clock, {
    up: () => {
      reached = true
    },
    down: () => {},
    bytes: chunk => {
      if (length < mostHeard) chunks.push(Uint8Array.from(chunk))
      length += chunk.length
    },
  })
  await pause(clock, time)
  await link.close()
  return reached ? Buffer.concat(chunks) : undefined
}

const mostHeard = 64_000

/** `8A 01`, `8a:01`, `0x8A,0x01` or `8A01`; whatever is no such thing is a line of text. */
export const bytesOf = (written: string): Uint8Array => {
  const digits = written.replaceAll(/0x|[\s:,;-]/gi, '')
  const isHex = /^([0-9a-f]{2})+$/i.test(digits)
  return Uint8Array.from(isHex ? Buffer.from(digits, 'hex') : Buffer.from(`${written.trim()}\r\n`))
}

/** What was heard where no answer could be found in it, if it is known by sight. */
export const heardInstead = ({ kind, their }: Problem): Words | undefined => {
  const [likeliest] = kind === 'garbled' && their?.text ? recognise(bytesOf(their.text)) : []
  return likeliest && { zh: `听到的是：${likeliest.say.zh}`, en: `what was heard: ${likeliest.say.en}` }
}

const both = ({ zh, en }: Words): string => `${zh} / ${en}`
const lineOf = ({ family, driven, say, frames }: Recognised): string =>
  `${driven ? '✓' : '!'} ${family} (${frames}): ${both(say)}`

const nobodyThere: Words = {
  zh: '连不上串口服务器：请核对地址和端口，看它是否通电、是否已有别的程序占着连接。',
  en: 'the serial server does not take our call: check address, port and power, and whether another program has its only connection.',
}
const nothingSaid: Words = {
  zh: '线路上没有听到任何数据：锁控板只在被问到时才说话，请让原来的程序开一次柜门再听。',
  en: 'nothing was said on the line: boards speak only when asked; let the program that runs there open a door, and listen again.',
}
const unknown: Words = {
  zh: '没有认出任何锁控板的数据：请检查是否完整，以及是否抄错。',
  en: 'these bytes are not known of any lock board: see whether they are all there and rightly copied.',
}
