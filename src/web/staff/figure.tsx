import type { FigureJson } from '../../gateway/http/api/reports.ts'
import { Icon } from '../base/icons.tsx'
import { useWords } from '../base/words.tsx'

/** Two digits at most; what would round to nothing says that it is little, not that it is none. */
const rounded = (value: number, digits: number): string => {
  const text = String(Number(value.toFixed(digits)))
  return text === '0' && value > 0 ? `< ${10 ** -digits}` : text
}

/** A number of a figure in its own unit: 3.2 %, 0.6 working days. */
export const useFigureWords = () => {
  const { t } = useWords()
  const words = t.staff.report
  const amount = (value: number, unit: FigureJson['unit']): string => {
    if (unit === 'share') return `${rounded(value * 100, 1)}%`
    return `${rounded(value, unit === 'count' ? 0 : 2)} ${words.units[unit]}`
  }
  return {
    amount,
    value: (figure: FigureJson): string =>
      figure.value === null ? words.noData : amount(figure.value, figure.unit),
  }
}

export const Bound = ({ figure }: { figure: FigureJson }) => {
  const { t } = useWords()
  const say = useFigureWords()
  if (figure.bound === null) return <span className="quiet">{t.staff.report.noBound}</span>
  return <span>{t.staff.report.within(say.amount(figure.bound, figure.unit))}</span>
}

/** Met or not: colour, sign and word. */
export const Met = ({ figure }: { figure: FigureJson }) => {
  const { t } = useWords()
  if (figure.met === null) return <span className="quiet">—</span>
  return (
    <span className={figure.met ? 'good-word' : 'risk late'}>
      <Icon name={figure.met ? 'yes' : 'alert'} size={20} />
      {figure.met ? t.staff.report.met : t.staff.report.notMet}
    </span>
  )
}

const width = 96
const height = 28

/** The periods before and this one, with the bound as a dotted line. */
export const Sparkline = ({
  values,
  bound,
}: {
  values: readonly (number | null)[]
  bound: number | null
}) => {
  const known = values.filter(value => value !== null)
  if (known.length < 2) return <span className="quiet">—</span>
  const top = Math.max(...known, bound ?? 0) * 1.1 || 1
  const x = (at: number) => 4 + (at / (values.length - 1)) * (width - 8)
  const y = (value: number) => height - 3 - (value / top) * (height - 6)
  const points = values.flatMap((value, at) => (value === null ? [] : [`${x(at)},${y(value)}`]))
  const last = values.at(-1)
  return (
    <svg className="spark" width={width} height={height} aria-hidden="true" focusable="false">
      {bound !== null && <path className="spark-bound" d={`M0 ${y(bound)}H${width}`} />}
      <polyline points={points.join(' ')} />
      {last !== null && last !== undefined && <circle cx={x(values.length - 1)} cy={y(last)} r="3" />}
    </svg>
  )
}
