/** Names of the figures, and the sentence a director would say of each. */
export const figureIds = [
  'locker-usage',
  'processing',
  'acquisition',
  'ready',
  'rejection-open',
  'rejection-closed',
] as const
export type FigureId = (typeof figureIds)[number]

interface Words {
  readonly zh: string
  readonly en: string
}

export const figureNames: Record<FigureId, Words> = {
  'locker-usage': { zh: '自助柜使用', en: 'Locker usage' },
  processing: { zh: '订单处理时间', en: 'Order processing time' },
  acquisition: { zh: '文献获取时间', en: 'Document acquisition time' },
  ready: { zh: '提交到可取', en: 'Submitted to ready' },
  'rejection-open': { zh: '开架拒借率', en: 'Rejection rate, open shelf' },
  'rejection-closed': { zh: '闭架拒借率', en: 'Rejection rate, closed shelf' },
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`
const days = (value: number): string => value.toFixed(2)

interface Said {
  readonly id: FigureId
  readonly value: number | null
  readonly unit: string
  readonly bound: number | null
  readonly onTimeShare: number | null
  readonly met: boolean | null
  readonly numerator: number | null
  readonly denominator: number
}

/** Name and sentence of a figure. "No lines" is said, and is never 0 %. */
export const sentence = (figure: Said): { name: Words; say: Words } => ({
  name: figureNames[figure.id],
  say: say(figure),
})

const say = (figure: Said): Words => {
  if (figure.value === null)
    return { zh: '本期没有可统计的记录。', en: 'There were no lines to count in this period.' }
  if (figure.unit === 'count') {
    return {
      zh: `${figure.denominator} 组自助柜共使用 ${figure.value} 次。`,
      en: `${figure.denominator} lockers were used ${figure.value} times.`,
    }
  }
  const verdict = figure.met ? { zh: '达标', en: 'met' } : { zh: '未达标', en: 'not met' }
  if (figure.unit === 'share') {
    return {
      zh: `${figure.denominator} 册中有 ${figure.numerator} 册没能借到，占 ${percent(figure.value)}，上限 ${percent(figure.bound ?? 0)}，${verdict.zh}。`,
      en: `${figure.numerator} of ${figure.denominator} items could not be supplied: ${percent(figure.value)}, bound ${percent(figure.bound ?? 0)}, ${verdict.en}.`,
    }
  }
  return {
    zh: `${percent(figure.onTimeShare ?? 0)} 在 ${figure.bound} 个工作日内完成，中位数 ${days(figure.value)} 个工作日，${verdict.zh}。`,
    en: `${percent(figure.onTimeShare ?? 0)} were done within ${figure.bound} working days; the median is ${days(figure.value)}; ${verdict.en}.`,
  }
}
