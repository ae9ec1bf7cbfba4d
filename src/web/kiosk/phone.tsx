import { useEffect, useState } from 'react'
import type { PhoneCornerJson } from '../../gateway/http/api/here.ts'
import type { TownJson } from '../../gateway/http/api/open.ts'
import { QuietAct } from '../base/acts.tsx'
import { ApiProblem, get, post } from '../base/api.ts'
import { every } from '../base/clock.ts'
import { useData } from '../base/data.ts'
import { Icon } from '../base/icons.tsx'
import { Qr } from '../base/qr.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'

const path = '/api/kiosk/phone'
const lookEvery = 3000

interface Corner {
  readonly corner: PhoneCornerJson | undefined
  readonly again: () => void
}

/** Asks every few seconds: the code changes each half minute, and at once when somebody has used it. */
export const usePhoneCorner = (): Corner => {
  const [corner, setCorner] = useState<PhoneCornerJson>()
  const [asked, ask] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for at once as well
  useEffect(() => {
    let here = true
    const look = () => {
      get<PhoneCornerJson>(path)
        .then(known => here && setCorner(known))
        .catch((thrown: unknown) => {
          if (!(thrown instanceof ApiProblem)) throw thrown
          // A code that may be over is worse than none.
          if (here) setCorner(undefined)
        })
    }
    look()
    const stop = every(lookEvery, look)
    return () => {
      here = false
      stop()
    }
  }, [asked])
  return { corner, again: () => ask(known => known + 1) }
}

/** The server may not know under which name phones reach it: then it is the one this screen came from. */
const whole = (url: string): string => (url.startsWith('/') ? `${location.origin}${url}` : url)

/** Whoever is served by phone, so that two people do not mix. */
export const Served = ({ served }: { served: NonNullable<PhoneCornerJson['served']> }) => {
  const { t } = useWords()
  return (
    <p className="served" role="status">
      <Icon name="person" />
      <span>{served.label === null ? t.kiosk.served : t.kiosk.servedDoor(served.label)}</span>
    </p>
  )
}

const Busy = ({ served, again }: { served: NonNullable<PhoneCornerJson['served']>; again: () => void }) => {
  const { t } = useWords()
  const { data: town } = useData<TownJson>('/api/town')
  const next = useSubmit(async () => {
    await post('/api/kiosk/next-phone')
    again()
    return true
  })
  const hand = useSubmit((_key, visit: string) => post<unknown>('/api/demo/hand', { visit }))
  return (
    <div>
      <Served served={served} />
      <p className="quiet small">{t.kiosk.servedText}</p>
      {served.label === null && (
        <QuietAct busy={next.busy} onClick={() => next.run()}>
          {t.kiosk.nextPhone}
        </QuietAct>
      )}
      {town?.demo && served.visit && (
        <QuietAct busy={hand.busy} onClick={() => hand.run(served.visit!)}>
          {t.kiosk.demoClose}
        </QuietAct>
      )}
    </div>
  )
}

/** The corner of the first screen for phones: a code to scan, or who is served just now. */
export const PhoneCorner = ({ corner, again }: Corner) => {
  const { t } = useWords()
  if (!corner || (corner.url === null && !corner.served)) return null
  return (
    <section className="phone-corner" aria-label={t.kiosk.byPhone}>
      {corner.served ? (
        <Busy served={corner.served} again={again} />
      ) : (
        <>
          <div className="phone-qr">
            <Qr text={whole(corner.url!)} label={t.kiosk.phoneQr} />
          </div>
          <div>
            <h2>{t.kiosk.byPhone}</h2>
            <p>{t.kiosk.byPhoneText}</p>
            <p className="quiet small">{t.kiosk.byPhoneNew}</p>
          </div>
        </>
      )}
    </section>
  )
}
