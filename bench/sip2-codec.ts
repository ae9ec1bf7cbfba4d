import iconv from 'iconv-lite'
import { buildMessage, isUnreadable, type Message, parseMessage } from '../src/adapters/ils/sip2/codec.ts'
import { type Encoding, encode } from '../src/adapters/ils/sip2/encodings.ts'
import { type Bench, sideBySide } from './bench.ts'

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

const rounds = 1_500
let sink = 0

/** Parses each message with its checksum, and builds it. */
const ours = (samples: readonly Sample[], encoding: Encoding) => (): void => {
  const options = { encoding, checksum: true, terminator: '\r' }
  for (let round = 0; round < rounds; round++)
    for (const { bytes, message } of samples) {
      const parsed = parseMessage(bytes, options)
      if (isUnreadable(parsed) || parsed.checksum !== 'ok') throw new Error('not read')
      const built = buildMessage(message, options)
      if (!built.ok) throw new Error('not built')
      sink += parsed.fields.length + built.value.length
    }
}

type Decode = (bytes: Uint8Array) => string

/** Decodes the same bytes and splits them at the delimiter: what no reader of this protocol can do without. */
const reference = (samples: readonly Sample[], decode: Decode) => (): void => {
  for (let round = 0; round < rounds; round++)
    for (const { bytes } of samples) sink += decode(bytes).split('|').length
}

const textDecoder = (encoding: Encoding): Decode => {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true })
  return bytes => decoder.decode(bytes)
}

/** The fastest ways to decode that a Node program has at hand; the reference takes the better one. */
const decoders: Readonly<Record<'utf-8' | 'gb18030', readonly Decode[]>> = {
  'utf-8': [
    bytes => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'),
    textDecoder('utf-8'),
  ],
  gb18030: [
    bytes => iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 'gb18030'),
    textDecoder('gb18030'),
  ],
}

const compare = async (
  encoding: 'utf-8' | 'gb18030',
): Promise<{ ours: number; reference: number; count: number }> => {
  const samples = samplesIn(encoding)
  let best: { ours: number; reference: number } | undefined
  for (const decode of decoders[encoding]) {
    const taken = await sideBySide(7, ours(samples, encoding), reference(samples, decode))
    if (!best || taken.reference < best.reference) best = taken
  }
  return { ...best!, count: samples.length * rounds }
}

const perSecond = (count: number, millis: number): number => Math.round((count / millis) * 1000)

export const bench: Bench = {
  id: 'B1',
  title: 'parse and build SIP2 messages with checksum, UTF-8 and GB18030',
  goal: '>= 30 % of decoding and splitting alone',
  run: async () => {
    const utf8 = await compare('utf-8')
    const gb18030 = await compare('gb18030')
    const ratio = (utf8.reference + gb18030.reference) / (utf8.ours + gb18030.ours)
    const alone = (one: { ours: number; reference: number }): number =>
      Number((one.reference / one.ours).toFixed(2))
    return {
      ratio,
      met: Math.min(utf8.reference / utf8.ours, gb18030.reference / gb18030.ours) >= 0.3,
      detail: {
        messages: utf8.count,
        'UTF-8 ratio': alone(utf8),
        'GB18030 ratio': alone(gb18030),
        'UTF-8 parse+build per second': perSecond(utf8.count, utf8.ours),
        'GB18030 parse+build per second': perSecond(gb18030.count, gb18030.ours),
        'UTF-8 decode+split per second': perSecond(utf8.count, utf8.reference),
        'GB18030 decode+split per second': perSecond(gb18030.count, gb18030.reference),
        checked: sink > 0 ? 'yes' : 'no',
      },
    }
  },
}
