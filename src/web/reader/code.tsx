import { useEffect, useState } from 'react'
import type { PickupCodeJson } from '../../gateway/http/api/reader.ts'
import { QuietAct } from '../base/acts.tsx'
import { type ApiProblem, post, remove } from '../base/api.ts'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Empty, Loaded, When } from '../base/parts.tsx'
import { Qr } from '../base/qr.tsx'
import { useHeading, useRoute } from '../base/route.ts'
import { inGroups } from '../base/say.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { useLibrary } from './session.ts'

/** Keeps the screen from going dark in the reader's hand, where the browser can. */
const useAwake = (): void => {
  useEffect(() => {
    if (!('wakeLock' in navigator)) return undefined
    const lock = navigator.wakeLock.request('screen').catch(() => undefined)
    return () => {
      void lock.then(held => held?.release())
    }
  }, [])
}

const Shown = ({ code }: { code: PickupCodeJson }) => {
  const { t, w } = useWords()
  const { libraries } = useLibrary()
  const locker = libraries.flatMap(l => l.lockers).find(l => l.id === code.lockerId)
  return (
    <>
      {locker && (
        <p className="code-place">
          <strong>{w(locker.name)}</strong>
          <span className="block small">{locker.place}</span>
        </p>
      )}
      <p className="code-digits figure">{inGroups(code.code)}</p>
      <div className="code-qr">
        <Qr text={code.qr} label={t.reader.code.label} />
      </div>
      <p>
        {t.reader.code.until} <When at={code.collectUntil} />
      </p>
      <p className="small">{t.reader.code.say}</p>
    </>
  )
}

/** A second code for somebody whom the reader sends; the first of the two that is used takes the parcel. */
const ForOther = ({ orderId }: { orderId: string }) => {
  const { t } = useWords()
  const words = t.reader.code
  const [code, setCode] = useState<string>()
  const path = `/api/orders/${encodeURIComponent(orderId)}/hand-over`
  const ask = useSubmit(async () => {
    setCode((await post<PickupCodeJson>(path)).code)
    return true
  })
  const end = useSubmit(async () => {
    await remove(path)
    setCode(undefined)
    return true
  })
  if (code === undefined)
    return (
      <QuietAct busy={ask.busy} onClick={() => ask.run()}>
        {words.sendSomebody}
      </QuietAct>
    )
  return (
    <>
      <p className="small">{words.passOn(inGroups(code))}</p>
      <QuietAct busy={end.busy} onClick={() => end.run()}>
        {words.goMyself}
      </QuietAct>
    </>
  )
}

/** It was collected meanwhile, or taken back. */
const isGone = ({ problem }: ApiProblem): boolean =>
  problem.status === 404 || problem.type.endsWith(':no-code')

/** The code and its QR fill the screen: black on white whatever the theme, as bright as a page can be. */
export default function Code() {
  const { t } = useWords()
  const { path } = useRoute()
  const code = useData<PickupCodeJson>(`/api/orders/${encodeURIComponent(path[1] ?? '')}/code`)
  const heading = useHeading()
  useAwake()
  return (
    <div className="code-screen">
      <title>{`${t.reader.code.title} · ${t.name}`}</title>
      <div className="heading">
        <button type="button" className="tool" aria-label={t.back} onClick={() => history.back()}>
          <Icon name="back" />
        </button>
        <h1 ref={heading} tabIndex={-1}>
          {t.reader.code.title}
        </h1>
      </div>
      <div className="code-body">
        {code.problem && isGone(code.problem) ? (
          <Empty say={t.reader.code.gone} />
        ) : (
          <Loaded of={code} lines={6}>
            {known => (
              <>
                <Shown code={known} />
                <ForOther orderId={path[1] ?? ''} />
              </>
            )}
          </Loaded>
        )}
      </div>
    </div>
  )
}
