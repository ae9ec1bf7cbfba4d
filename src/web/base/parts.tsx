import { Skeleton } from 'antd-mobile'
import { type ReactNode, useEffect, useReducer, useState } from 'react'
import type { FeeJson } from '../../gateway/http/api/common.ts'
import type { ApiProblem } from './api.ts'
import { every, now } from './clock.ts'
import { Icon } from './icons.tsx'
import { sayDay, sayExactly, sayMoney, sayWhen } from './say.ts'
import { useWords } from './words.tsx'

/** Renders again every `step` ms, for everything that says how much time is left. */
export const useTicking = (step: number): number => {
  const [, again] = useReducer((n: number) => n + 1, 0)
  useEffect(() => every(step, again), [step])
  return now()
}

/** 明天 17:00; the exact time on touch and in the title. */
export const When = ({ at, dayOnly = false }: { at: string; dayOnly?: boolean }) => {
  const { language } = useWords()
  const [exact, setExact] = useState(false)
  const say = dayOnly ? sayDay(at, now(), language) : sayWhen(at, now(), language)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a touch only shows what the title already holds
    <time dateTime={at} title={sayExactly(at, language)} onClick={() => setExact(!exact)}>
      {exact ? sayExactly(at, language) : say}
    </time>
  )
}

export const Money = ({ fen }: { fen: number }) => <span className="money">{sayMoney(fen)}</span>

/** What something costs, and under it why. */
export const FeeLine = ({ fee, label }: { fee: FeeJson; label: string }) => {
  const { t, w } = useWords()
  return (
    <div className="fee">
      <div className="fee-sum">
        <span>{label}</span>
        <strong>
          <Money fen={fee.due} />
        </strong>
      </div>
      {fee.why.length > 0 && (
        <details className="why">
          <summary>{t.why}</summary>
          <ul>
            {fee.why.map(words => (
              <li key={words.en}>{w(words)}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

/** What did not work, in plain words, and what to do next. */
export const Trouble = ({ problem, again }: { problem: ApiProblem; again?: () => void }) => {
  const { t, w } = useWords()
  const { title, next, errors } = problem.problem
  return (
    <div className="trouble" role="alert">
      <Icon name="alert" />
      <div>
        <strong>{w(title)}</strong>
        {next && <p>{w(next)}</p>}
        {errors && errors.length > 0 && (
          <ul>
            {errors.map(error => (
              <li key={error.path}>{error.message}</li>
            ))}
          </ul>
        )}
        {again && (
          <button type="button" className="link" onClick={again}>
            {t.again}
          </button>
        )}
      </div>
    </div>
  )
}

/** Grey lines where something will stand. */
export const Waiting = ({ lines = 4 }: { lines?: number }) => {
  const { t } = useWords()
  return (
    <div className="waiting" role="status" aria-label={t.loading}>
      <Skeleton.Title animated />
      <Skeleton.Paragraph animated lineCount={lines} />
    </div>
  )
}

/** Nothing here, and what to do about it. */
export const Empty = ({ say, children }: { say: string; children?: ReactNode }) => (
  <div className="empty">
    <svg width="96" height="56" viewBox="0 0 96 56" aria-hidden="true" focusable="false">
      <path
        d="M6 50V20c13-6 28-5 40 3 14-8 29-9 44-3v30M46 23v9M6 50h10c0-14 13-18 30-18s34 4 34 18h10"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
    <p>{say}</p>
    {children}
  </div>
)

/** A question answered by loading: shows waiting, trouble or the thing. */
export const Loaded = <T,>(props: {
  of: { data?: T; problem?: ApiProblem; again: () => void }
  lines?: number
  children: (data: T) => ReactNode
}): ReactNode => {
  const { data, problem, again } = props.of
  if (data !== undefined) return props.children(data)
  if (problem) return <Trouble problem={problem} again={again} />
  return <Waiting lines={props.lines ?? 4} />
}
