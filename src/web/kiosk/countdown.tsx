import { useEffect, useRef, useState } from 'react'
import { every } from '../base/clock.ts'
import { useSettings } from '../base/settings.ts'
import { useWords } from '../base/words.tsx'

/** Counts down and then clears the screen for the next person; any touch or key starts the time anew. */
export const Countdown = ({ seconds, then }: { seconds: number; then: () => void }) => {
  const { t } = useWords()
  const [left, setLeft] = useState(seconds)
  const act = useRef(then)
  act.current = then
  useEffect(() => {
    const wake = () => setLeft(seconds)
    addEventListener('pointerdown', wake)
    addEventListener('keydown', wake)
    const stop = every(1000, () => setLeft(known => known - 1))
    return () => {
      removeEventListener('pointerdown', wake)
      removeEventListener('keydown', wake)
      stop()
    }
  }, [seconds])
  useEffect(() => {
    if (left <= 0) act.current()
  }, [left])
  return <p className="countdown quiet figure">{t.kiosk.seconds(Math.max(0, left))}</p>
}

/** How long a question may stand with nobody there, longer in large type, and from when on the screen asks. */
const patienceOf = (large: boolean): number => (large ? 90 : 45)
const asking = 12

/** Nobody there? The screen goes home by itself, after asking. Any touch or key starts the time anew. */
export const useIdle = (watch: boolean, home: () => void): { left: number; asks: boolean } => {
  const { large } = useSettings()
  const patience = patienceOf(large)
  const [left, setLeft] = useState(patience)
  const act = useRef(home)
  act.current = home
  useEffect(() => {
    setLeft(patience)
    if (!watch) return undefined
    const wake = () => setLeft(patience)
    addEventListener('pointerdown', wake)
    addEventListener('keydown', wake)
    const stop = every(1000, () => setLeft(known => known - 1))
    return () => {
      removeEventListener('pointerdown', wake)
      removeEventListener('keydown', wake)
      stop()
    }
  }, [watch, patience])
  useEffect(() => {
    if (watch && left <= 0) act.current()
  }, [left, watch])
  return { left, asks: watch && left <= asking }
}
