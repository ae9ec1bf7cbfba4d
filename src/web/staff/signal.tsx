import { Button } from 'antd'
import { useState } from 'react'
import type { ScanResultJson, WorkRowJson } from '../../gateway/http/api/staff.ts'
import { Icon, type IconName } from '../base/icons.tsx'
import { Trouble } from '../base/parts.tsx'
import { useWords } from '../base/words.tsx'
import { nextOf, OtherActs, useAct, useActWords } from './row-acts.tsx'
import { useScanning } from './scan.tsx'

const icons: Record<ScanResultJson['signal'], IconName> = { yes: 'yes', look: 'look', no: 'no' }

/** Steps at which it matters where the book goes and whose it will be. */
const outward: readonly WorkRowJson['status'][] = [
  ...(['confirmed', 'picking', 'found', 'checkout_refused', 'charged', 'packed', 'shipped'] as const),
  ...(['in_locker', 'at_branch', 'expired'] as const),
]

const About = ({ row }: { row: WorkRowJson }) => {
  const { w } = useWords()
  return (
    <span className="stack">
      <span>
        <span className="title">{row.title}</span> <span className="figure">{row.barcode}</span>
      </span>
      {outward.includes(row.status) && (
        <span className="quiet">
          {w(row.delivery.name)} · {row.reader}
        </span>
      )}
    </span>
  )
}

/** What can be done now with the book in the hand; nothing happens to it by a key that a scanner may send. */
const Acts = ({ row, signal }: { row: WorkRowJson; signal: ScanResultJson['signal'] }) => {
  const { t } = useWords()
  const name = useActWords()
  const doing = useAct()
  const [open, setOpen] = useState(false)
  // Once it is well on its way with a carrier, the next step is not ours.
  const act = row.status === 'shipped' && signal === 'yes' ? undefined : nextOf(row)
  if (!act) return null
  const run = () => {
    const input = doing.known(row, act)
    if (input) void doing.run(row, act, input)
    else setOpen(true)
  }
  return (
    <>
      <span className="acts">
        <Button type="primary" ghost disabled={doing.busy} onClick={run}>
          {name(act)}
        </Button>
        {row.can.length > 1 && (
          <Button type="text" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t.staff.others}
          </Button>
        )}
      </span>
      {doing.problem && <Trouble problem={doing.problem} />}
      {open && <OtherActs row={row} done={() => setOpen(false)} />}
    </>
  )
}

/** Colour, sign and word, read out at once; and what to do next. */
export const Signal = () => {
  const { t, w } = useWords()
  const { result } = useScanning()
  return (
    <div className={result ? `signal ${result.signal}` : 'signal idle'}>
      <div className="signal-told" role="status" aria-live="assertive">
        {result ? (
          <>
            <span className="signal-word">
              <Icon name={icons[result.signal]} size={28} />
              {t.staff.signals[result.signal]}
            </span>
            <span className="signal-say">
              {w(result.say)}
              {result.next && <strong>{w(result.next)}</strong>}
            </span>
          </>
        ) : (
          <span className="quiet">{t.staff.scanReady}</span>
        )}
      </div>
      {result?.row && <About row={result.row} />}
      {result?.row && (
        <Acts key={`${result.row.lineId} ${result.row.status}`} row={result.row} signal={result.signal} />
      )}
    </div>
  )
}
