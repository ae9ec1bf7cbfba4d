import iconv from 'iconv-lite'
import { buildMessage, isUnreadable, type Message, parseMessage } from '../src/adapters/ils/sip2/codec.ts'
import { type Encoding, encode } from '../src/adapters/ils/sip2/encodings.ts'
import { messages } from '../src/adapters/ils/sip2/messages.ts'
import { type Bench, median } from './bench.ts'

/** One reader's visit and a lot of looking up: what a gateway really sends and gets, answers of a Chinese library. */
const now = '20261122    093000'
const blank = ' '.repeat(18)
const mix: readonly string[] = [
  '9300CNgateway@suzhou|CO7f3aa91c|CPGSQ|',
  '941',
  '9900802.00',
  `98YYYYYY600003${now}2.00AOSZLIB|AM苏州图书馆|BXYYYYYYYYYYYYYYYY|AN总馆|`,
  `63019${now}  Y       AOSZLIB|AA205071000123456|AC|AD9081|BP1|BQ20|`,
  `64              019${now}000200000003000000000001AOSZLIB|AA205071000123456|AE李小明|BZ0005|CA0000|CB0010|BLY|CQY|BHCNY|BV0.00|AU3205071004512|AU3205071004513|AU3205071009981|BD姑苏区十全街1号|BElixm@example.cn|BF13800000000|AF您在本馆最多可借【10】册，还可以再借【7】册。|`,
  ...Array.from({ length: 8 }, (_, i) => `17${now}AOSZLIB|AB320507100451${i}|`),
  `18030001${now}CF0|AB3205071004510|AJ图书馆学基础|CK001|AQ总馆中文图书借阅室|AP总馆中文图书借阅室|CSG250/122|`,
  `18040001${now}CF2|AH2026-12-22|AB3205071004511|AJ三体：地球往事|CK001|AQ总馆文学图书借阅室|AP总馆文学图书借阅室|CSI247.5/1023|`,
  `18080001${now}CF1|AB3205071004512|AJJavaScript高级程序设计（第4版）|CK001|AQ园区分馆|AP总馆预约架|CSTP312JA/88|`,
  `18030001${now}CF0|AB3205071004513|AJThe Old Man and the Sea|CK001|AQ外文图书借阅室|AP外文图书借阅室|`,
  `18100001${now}CF0|AB3205071004514|AJ東億質遼：近代工业史料|CK001|AQ古籍部|AP运输途中|`,
  `18030001${now}CF0|AB3205071004515|AJ平凡的世界（全三册）|CK001|AQ社区投递点12|AP社区投递点12|AF可借|`,
  `18010101${now}AB|AJ|AF没有这本书|`,
  `18030001${now}CF0|AB3205071004517|AJ中国地方志集成·江苏府县志辑|CK001|AQ地方文献部|AP地方文献部|`,
  `11NN${now}${blank}AOSZLIB|AA205071000123456|AB3205071004510|AC|AD9081|`,
  `121NNY${now}AOSZLIB|AA205071000123456|AB3205071004510|AJ图书馆学基础|AH2026-12-22|CK001|AF借阅成功，应还日期：2026-12-22|`,
  `09N${now}20261121    180000APGSQ-01|AOSZLIB|AB3205071009981|AC|`,
  `101YNY${now}AOSZLIB|AB3205071009981|AQ园区分馆|AJ三体：黑暗森林|CV02|CT园区分馆|AF请送往园区分馆|`,
  `29NN${now}${blank}AOSZLIB|AA205071000123456|AB3205071004512|`,
  `300NUN${now}AOSZLIB|AA205071000123456|AB3205071004512|AJJavaScript高级程序设计|AH|AF已有人预约，不能续借|`,
  `15+${now}BS园区分馆|BY3|AOSZLIB|AA205071000123456|AB3205071004514|`,
  `161N${now}BR3|AOSZLIB|AA205071000123456|AB3205071004514|AF预约成功|`,
  `37${now}0402CNYBV3.50|AOSZLIB|AA205071000123456|BK01980a6c-77aa-7d2e-8f11-2b6fd0a1c001|`,
  `38Y${now}AOSZLIB|AA205071000123456|BK01980a6c-77aa-7d2e-8f11-2b6fd0a1c001|`,
  `35${now}AOSZLIB|AA205071000123456|`,
  `36Y${now}AOSZLIB|AA205071000123456|AF欢迎再来|`,
]

interface Sample {
  readonly bytes: Uint8Array
  readonly message: Message
}

const samplesIn = (encoding: Encoding): Sample[] =>
  mix.map((text, i) => {
    const parsed = parseMessage(encode(text, encoding).bytes, { encoding })
    if (isUnreadable(parsed)) throw new Error(parsed.error)
    const message = { command: parsed.command, fixed: parsed.fixed, fields: parsed.fields, sequence: i % 10 }
    const built = buildMessage(message, { encoding, checksum: true, terminator: '\r' })
    if (!built.ok) throw new Error(built.problem.say.en)
    return { bytes: built.value.subarray(0, -1), message }
  })

const rounds = 1_000
let sink = 0

type Work = () => void

const parseAll = (samples: readonly Sample[], encoding: Encoding): Work => {
  const options = { encoding }
  return () => {
    for (let round = 0; round < rounds; round++)
      for (const { bytes } of samples) {
        const parsed = parseMessage(bytes, options)
        if (isUnreadable(parsed) || parsed.checksum !== 'ok') throw new Error('not read')
        sink += parsed.fields.length
      }
  }
}

const buildAll = (samples: readonly Sample[], encoding: Encoding): Work => {
  const options = { encoding, checksum: true, terminator: '\r' }
  return () => {
    for (let round = 0; round < rounds; round++)
      for (const { message } of samples) {
        const built = buildMessage(message, options)
        if (!built.ok) throw new Error('not built')
        sink += built.value.length
      }
  }
}

type Decode = (bytes: Uint8Array) => string

/** Decodes the same bytes and splits them at the delimiter: what no reader of this protocol can do without. */
const splitAll =
  (samples: readonly Sample[], decode: Decode): Work =>
  () => {
    for (let round = 0; round < rounds; round++)
      for (const { bytes } of samples) sink += decode(bytes).split('|').length
  }

const textDecoder = (encoding: Encoding): Decode => {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true })
  return bytes => decoder.decode(bytes)
}
const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** The ways to decode that a Node program has at hand; the reference takes the fastest. */
const decoders: Readonly<Record<'utf-8' | 'gb18030', readonly Decode[]>> = {
  'utf-8': [bytes => viewOf(bytes).toString('utf8'), textDecoder('utf-8')],
  gb18030: [bytes => iconv.decode(viewOf(bytes), 'gb18030'), textDecoder('gb18030')],
}

const timesOf = (work: Work): number => {
  const start = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - start) / 1e6
}

interface Taken {
  readonly parse: number
  readonly build: number
  /** A gateway before a library system: requests built, answers parsed. */
  readonly client: number
  readonly reference: number
  readonly count: number
}

const turns = 15

/** All kinds of work in turn, again and again, and the median of each: what disturbs one disturbs all. */
const measure = (encoding: 'utf-8' | 'gb18030'): Taken => {
  const samples = samplesIn(encoding)
  const isRequest = ({ message }: Sample): boolean => messages.get(message.command)?.to === 'acs'
  const requests = buildAll(samples.filter(isRequest), encoding)
  const answers = parseAll(
    samples.filter(sample => !isRequest(sample)),
    encoding,
  )
  const works: Work[] = [
    parseAll(samples, encoding),
    buildAll(samples, encoding),
    () => {
      requests()
      answers()
    },
    ...decoders[encoding].map(decode => splitAll(samples, decode)),
  ]
  for (const work of works) work()
  const taken = works.map((): number[] => [])
  for (let turn = 0; turn < turns; turn++)
    for (const [i, work] of works.entries()) taken[i]!.push(timesOf(work))
  const [parse = 0, build = 0, client = 0, ...references] = taken.map(median)
  return { parse, build, client, reference: Math.min(...references), count: samples.length * rounds }
}

const ratio = (of: readonly Taken[], ours: (taken: Taken) => number): number =>
  of.reduce((sum, taken) => sum + taken.reference, 0) / of.reduce((sum, taken) => sum + ours(taken), 0)

const perSecond = (count: number, millis: number): number => Math.round((count / millis) * 1000)

export const bench: Bench = {
  id: 'B1',
  title: 'SIP2 codec: requests built, answers parsed, with checksum; UTF-8 and GB18030',
  goal: '>= 30 % of the rate of decoding and splitting the same messages',
  run: async () => {
    const all = [measure('utf-8'), measure('gb18030')]
    const [utf8, gb18030] = all as [Taken, Taken]
    const client = ratio(all, taken => taken.client)
    const both = (taken: Taken): number => taken.parse + taken.build
    return {
      ratio: client,
      met: client >= 0.3,
      detail: {
        messages: utf8.count,
        'UTF-8 ratio': ratio([utf8], taken => taken.client).toFixed(2),
        'GB18030 ratio': ratio([gb18030], taken => taken.client).toFixed(2),
        'ratio when every message is both parsed and built': ratio(all, both).toFixed(2),
        'UTF-8 parsed per second': perSecond(utf8.count, utf8.parse),
        'UTF-8 built per second': perSecond(utf8.count, utf8.build),
        'UTF-8 decoded and split per second': perSecond(utf8.count, utf8.reference),
        'GB18030 parsed per second': perSecond(gb18030.count, gb18030.parse),
        'GB18030 built per second': perSecond(gb18030.count, gb18030.build),
        'GB18030 decoded and split per second': perSecond(gb18030.count, gb18030.reference),
        checked: sink > 0 ? 'yes' : 'no',
      },
    }
  },
}
