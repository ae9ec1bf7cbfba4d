import type { Command } from 'commander'
import type { Problem, Words } from '../../kernel/problem.ts'
import { type Recognised, recognise } from '../../lockers/vendors/known-frames.ts'

/** Adds `shuqiao doctor frames`. */
export const addFramesDoctor = (doctor: Command): void => {
  doctor
    .command('frames')
    .description('tell which lock boards some bytes belong to, and which driver speaks to them')
    .argument('<bytes...>', 'from a document or a line: 8A 01 01 11 9B, or text as YT+PING=1')
    .action((parts: readonly string[]) => {
      const found = recognise(bytesOf(parts.join(' ')))
      for (const line of found.length > 0 ? found.map(lineOf) : [`✗ ${both(unknown)}`])
        process.stdout.write(`${line}\n`)
      if (!found.some(one => one.driven)) process.exitCode = 1
    })
}

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

const unknown: Words = {
  zh: '没有认出任何锁控板的数据：请检查是否完整，以及是否抄错。',
  en: 'these bytes are not known of any lock board: see whether they are all there and rightly copied.',
}
