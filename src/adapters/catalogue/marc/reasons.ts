import type { Words } from '../../../kernel/problem.ts'

/** Why a record was refused, or what was left out of it: a stable code with words for people. */
const words = {
  'no-leader': () => ({ zh: '没有可识别的头标', en: 'no leader can be recognised' }),
  'too-long': () => ({
    zh: '99,999 字节内没有记录结束符',
    en: 'no record terminator within 99,999 bytes',
  }),
  'no-directory': () => ({ zh: '目次区无法读取', en: 'the directory cannot be read' }),
  'no-fields': () => ({ zh: '目次区与数据不符', en: 'the directory does not fit the data' }),
  undecodable: () => ({
    zh: '既不是有效的 UTF-8，也不像 GB18030',
    en: 'neither valid UTF-8 nor plausibly GB18030',
  }),
  'not-in-encoding': (d: string) => ({ zh: `不是有效的 ${d}`, en: `not valid ${d}` }),
  'marc-8': () => ({
    zh: '使用 MARC-8 / EACC 编码，请先转换为 UTF-8',
    en: 'written in MARC-8 / EACC: convert it to UTF-8 first',
  }),
  garbled: (d: string) => ({ zh: `题名是乱码：${d}`, en: `the title is garbled text: ${d}` }),
  'no-title': () => ({ zh: '没有题名', en: 'there is no title' }),
  deleted: () => ({ zh: '源系统已标记删除', en: 'marked as deleted at its source' }),
  'not-bibliographic': (d: string) => ({
    zh: `不是书目记录（类型 ${d}）`,
    en: `not a bibliographic record (type ${d})`,
  }),
  'wrong-length': () => ({
    zh: '头标中的长度与实际不符，已按结束符读取',
    en: 'the length in the leader is wrong; read up to the terminator',
  }),
  'no-terminator': () => ({ zh: '缺少记录结束符', en: 'the record terminator is missing' }),
  'wrong-directory': () => ({
    zh: '目次区的位置有误，已按顺序读取字段',
    en: 'the directory gives wrong places; fields were read in their order',
  }),
  'lost-fields': (d: string) => ({ zh: `有 ${d} 个字段无法读取`, en: `${d} fields could not be read` }),
  'invalid-isbn': (d: string) => ({ zh: `ISBN 无效：${d}`, en: `invalid ISBN: ${d}` }),
  'no-control-number': () => ({
    zh: '没有控制号，已由内容生成',
    en: 'no control number; one was made from the content',
  }),
  'garbled-field': (d: string) => ({ zh: `字段 ${d} 是乱码，已略去`, en: `field ${d} is garbled; left out` }),
  'invalid-barcode': (d: string) => ({ zh: `条码无效：${d}`, en: `invalid barcode: ${d}` }),
  shortened: (d: string) => ({ zh: `${d} 过长，已截短`, en: `${d} was too long and has been shortened` }),
} satisfies Record<string, (detail: string) => Words>

export type ReasonCode = keyof typeof words

/** `no-title: 没有题名 / there is no title`. `detail` is shortened to 80 characters, without control characters. */
export const reason = (code: ReasonCode, detail = ''): string => {
  const { zh, en } = words[code](detail.replace(/\p{Cc}/gu, '?').slice(0, 80))
  return `${code}: ${zh} / ${en}`
}
