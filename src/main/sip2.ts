import { open } from 'node:fs/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { isUnreadable, parseMessage, rebuildMessage } from '../adapters/ils/sip2/codec.ts'
import { decode, type Encoding, encode, encodings } from '../adapters/ils/sip2/encodings.ts'
import { createSplitter, longestAnswer } from '../adapters/ils/sip2/framing.ts'
import { misconfigured, ProblemError } from '../kernel/problem.ts'
import { addRecordVerbs } from './verbs/sip2-record.ts'

/** How the messages stand in the stream. */
export interface WireOptions {
  /** Bytes as they cross the wire, rather than one message a line as UTF-8 text. */
  readonly raw: boolean
  /** The charset of the wire: checksums are taken over its bytes, also when the lines are UTF-8. */
  readonly encoding: Encoding
  readonly delimiter: string
}

type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/**
 * Reads messages and gives one line of JSON for each: `command`, `name`, `fixed`, `fields`, `sequence`,
 * `checksum`, `problems`; `{"error": ...}` for what is no message. As text, empty lines and lines that begin
 * with `#` are passed over. Memory stays bounded: a message beyond 64 KiB is told and skipped.
 */
export const sip2Parse = async (
  input: Bytes,
  options: WireOptions,
  out: (line: string) => void,
): Promise<void> => {
  const splitter = createSplitter(longestAnswer)
  const show = (frames: ReturnType<typeof splitter.push>): void => {
    for (const frame of frames) {
      if ('tooLong' in frame) out(JSON.stringify({ error: `longer than ${frame.tooLong.limit} bytes` }))
      else if (options.raw || frame.bytes[0] !== 0x23) out(parsedLine(frame.bytes, options))
    }
  }
  for await (const chunk of input) show(splitter.push(chunk))
  show(splitter.end())
}

const parsedLine = (bytes: Uint8Array, { raw, encoding, delimiter }: WireOptions): string => {
  const wire = raw ? { bytes, lacking: [] } : encode(decode(bytes, 'utf-8'), encoding)
  const parsed = parseMessage(wire.bytes, { encoding, delimiter })
  if (isUnreadable(parsed)) return JSON.stringify({ error: parsed.error })
  if (wire.lacking.length === 0) return JSON.stringify(parsed)
  return JSON.stringify({ ...parsed, problems: [...parsed.problems, `lacking: ${wire.lacking.join('')}`] })
}

const parsedMessage = z.object({
  command: z.string().regex(/^\d\d$/),
  fixed: z.record(z.string(), z.string()).default({}),
  fields: z.array(z.tuple([z.string().max(2), z.string()])).default([]),
  sequence: z.int().min(0).max(9).nullable().default(null),
  checksum: z.enum(['ok', 'ok:utf-16', 'ok:dp2', 'wrong', 'absent']).default('absent'),
  problems: z.array(z.string()).default([]),
})

/** Longest line of JSON that is read. */
const longestLine = 1024 * 1024

/**
 * The reverse of `sip2Parse`: lines of JSON to messages, the same bytes again. The checksum is written as
 * `checksum` says; digits that were wrong or oddly written come back from the problem `checksum-written`, a
 * missing or doubled delimiter from its own problem, so that nothing is corrected in silence.
 * A line that is no message goes to `err` as `{"message": 3, "error": ...}` (the third one) and the run goes on.
 */
export const sip2Build = async (
  input: Bytes,
  options: WireOptions & { readonly terminator: string },
  out: (bytes: Uint8Array) => void,
  err: (line: string) => void,
): Promise<void> => {
  const splitter = createSplitter(longestLine)
  let message = 0
  const build = (frames: ReturnType<typeof splitter.push>): void => {
    for (const frame of frames) {
      message++
      const built = 'tooLong' in frame ? { error: 'line too long' } : builtMessage(frame.bytes, options)
      if ('error' in built) err(JSON.stringify({ message, error: built.error }))
      else out(built.bytes)
    }
  }
  for await (const chunk of input) build(splitter.push(chunk))
  build(splitter.end())
}

const builtMessage = (
  json: Uint8Array,
  { raw, encoding, delimiter, terminator }: WireOptions & { readonly terminator: string },
): { bytes: Uint8Array } | { error: string } => {
  const read = readJson(decode(json, 'utf-8'))
  if (read === undefined) return { error: 'not JSON' }
  const message = parsedMessage.safeParse(read)
  if (!message.success)
    return {
      error: message.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; '),
    }
  const built = rebuildMessage(message.data, { encoding, delimiter, terminator: raw ? terminator : '' })
  if (!built.ok) return { error: built.problem.say.en }
  return { bytes: raw ? built.value : Buffer.from(`${decode(built.value, encoding)}\n`, 'utf8') }
}

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const terminators: Readonly<Record<string, string>> = { cr: '\r', lf: '\n', crlf: '\r\n' }

const oneCharacter = (text: string): string => {
  if (/^[!-/:-@[-`{-~]$/.test(text)) return text
  throw new InvalidArgumentError('the delimiter is one printable ASCII character, no letter or digit')
}

const encodingOption = (): Option =>
  new Option('-e, --encoding <charset>', 'charset of the wire').choices(encodings).default('utf-8')

interface Flags {
  readonly raw?: true
  readonly encoding: Encoding
  readonly delimiter: string
  readonly terminator?: string
}

const wireOptions = (flags: Flags): WireOptions => ({
  raw: flags.raw === true,
  encoding: flags.encoding,
  delimiter: flags.delimiter,
})

const inputFrom = async (file: string | undefined): Promise<Bytes> => {
  if (file === undefined) return process.stdin
  try {
    return (await open(file)).createReadStream()
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown)
    const say = { zh: `无法读取文件 ${file}`, en: `the file ${file} cannot be read` }
    throw new ProblemError(misconfigured('file-unreadable', say, { their: { text } }), { cause: thrown })
  }
}

/** A reader that has seen enough (`| head`) ends the run without ado. */
const endWithReader = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

/** Adds `shuqiao sip2 parse`, `build`, `record` and `replay` to the command line. */
export const addSip2Verbs = (program: Command): void => {
  const sip2 = program.command('sip2').description('read, write, record and replay SIP2 messages')
  addRecordVerbs(sip2)
  sip2
    .command('parse')
    .description('SIP2 messages (one a line as UTF-8 text, or raw bytes) to one line of JSON each')
    .argument('[file]', 'standard input when left out')
    .option('--raw', 'the input is bytes as on the wire')
    .addOption(encodingOption())
    .option('-d, --delimiter <character>', 'field delimiter', oneCharacter, '|')
    .action(async (file: string | undefined, flags: Flags) => {
      const input = await inputFrom(file)
      endWithReader()
      await sip2Parse(input, wireOptions(flags), line => process.stdout.write(`${line}\n`))
    })
  sip2
    .command('build')
    .description('the reverse of parse: lines of JSON to SIP2 messages, byte by byte')
    .argument('[file]', 'standard input when left out')
    .option('--raw', 'write bytes as on the wire, each message with its terminator')
    .addOption(encodingOption())
    .option('-d, --delimiter <character>', 'field delimiter', oneCharacter, '|')
    .addOption(
      new Option('-t, --terminator <end>', 'with --raw').choices(Object.keys(terminators)).default('cr'),
    )
    .action(async (file: string | undefined, flags: Flags) => {
      const input = await inputFrom(file)
      endWithReader()
      const options = { ...wireOptions(flags), terminator: terminators[flags.terminator ?? 'cr'] ?? '\r' }
      await sip2Build(
        input,
        options,
        bytes => process.stdout.write(bytes),
        line => {
          process.stderr.write(`${line}\n`)
          process.exitCode = 1
        },
      )
    })
}
