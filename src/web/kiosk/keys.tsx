import { useCallback, useEffect, useRef, useState } from 'react'
import { MainAct } from '../base/acts.tsx'
import { Icon } from '../base/icons.tsx'
import { inGroups } from '../base/say.ts'
import { useRemoteScanner } from '../base/scanner.ts'
import { useWords } from '../base/words.tsx'

const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9']
const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
const longest = 200

interface Keys {
  readonly value: string
  readonly press: (key: string) => void
  readonly erase: () => void
  readonly clear: () => void
}

const pauseOfScanner = 300
const shortest = 4

interface Filling {
  readonly confirm: React.RefObject<HTMLDivElement | null>
  /** Fewer signs than this are no code. */
  readonly least: number
  readonly busy: boolean
  readonly submit: (code: string) => void
}

/**
 * What is being typed. A scanner is a quick keyboard that ends with Enter: its keys are taken wherever the focus is,
 * and its Enter confirms what it read and presses no button. Who types by hand finds the focus on the confirming
 * button.
 */
const useKeys = (filling: Filling): Keys => {
  const [value, setValue] = useState('')
  const now = useRef({ value: '', at: 0, filling })
  now.current.filling = filling
  const set = useCallback((next: string) => {
    now.current.value = next.slice(0, longest)
    setValue(now.current.value)
  }, [])
  useEffect(() => {
    const heard = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return
      const { value: known, at, filling: to } = now.current
      if (event.key === 'Backspace') set(known.slice(0, -1))
      if (event.key === 'Enter' && known !== '' && event.timeStamp - at < pauseOfScanner) {
        event.preventDefault()
        if (known.length >= to.least && !to.busy) to.submit(known)
      }
      if (event.key.length !== 1 || event.key === ' ') return
      now.current.at = event.timeStamp
      set(known + event.key)
      event.preventDefault()
      to.confirm.current?.querySelector('button')?.focus()
    }
    document.addEventListener('keydown', heard)
    return () => document.removeEventListener('keydown', heard)
  }, [set])
  useRemoteScanner(set)
  return {
    value,
    press: key => set(now.current.value + key),
    erase: () => set(now.current.value.slice(0, -1)),
    clear: () => set(''),
  }
}

/** A scanner at the home screen: a quick run of keys that ends with Enter. Slow typing is nobody's code. */
export const useHomeScanner = (scan: (code: string) => void): void => {
  useEffect(() => {
    let keys = ''
    let at = 0
    const heard = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return
      if (event.timeStamp - at > pauseOfScanner) keys = ''
      at = event.timeStamp
      if (event.key === 'Enter') {
        if (keys.length < shortest) return
        event.preventDefault()
        scan(keys)
        keys = ''
      } else if (event.key.length === 1 && event.key !== ' ') keys = (keys + event.key).slice(0, longest)
    }
    document.addEventListener('keydown', heard)
    return () => document.removeEventListener('keydown', heard)
  }, [scan])
  useRemoteScanner(scan)
}

const Key = ({ name, press }: { name: string; press: (key: string) => void }) => (
  <button type="button" className="key figure" onClick={() => press(name)}>
    {name}
  </button>
)

const Edit = ({ keys }: { keys: Keys }) => {
  const { t } = useWords()
  return (
    <>
      <button type="button" className="key word" onClick={keys.clear}>
        {t.kiosk.clear}
      </button>
      <Key name="0" press={keys.press} />
      <button type="button" className="key word" onClick={keys.erase}>
        {t.kiosk.erase}
      </button>
    </>
  )
}

interface Asking {
  readonly busy: boolean
  readonly submit: (code: string) => void
}

/** Digits of a pick-up code as they are typed; whatever a scanner reads is taken as well. */
export const CodePad = ({ busy, submit }: Asking) => {
  const { t } = useWords()
  const confirm = useRef<HTMLDivElement>(null)
  const keys = useKeys({ confirm, least: shortest, busy, submit })
  const plain = /^\d{0,12}$/.test(keys.value)
  return (
    <div className="pad">
      <output className="code-line figure" aria-label={t.kiosk.askCode}>
        {plain ? inGroups(keys.value, 4) : <Icon name="scan" size={56} />}
      </output>
      <div className="grid">
        {digits.map(name => (
          <Key key={name} name={name} press={keys.press} />
        ))}
        <Edit keys={keys} />
      </div>
      <div ref={confirm}>
        <MainAct busy={busy} disabled={keys.value.length < shortest} onClick={() => submit(keys.value)}>
          {t.kiosk.go}
        </MainAct>
      </div>
    </div>
  )
}

/** For barcodes and badges: scanned as a rule, typed where the label is torn. */
export const ScanPad = ({ label, busy, submit }: Asking & { label: string }) => {
  const { t } = useWords()
  const confirm = useRef<HTMLDivElement>(null)
  const keys = useKeys({ confirm, least: 1, busy, submit })
  return (
    <div className="pad wide">
      <output className="scan-line figure" aria-label={label}>
        {keys.value || <Icon name="scan" size={56} />}
      </output>
      <details>
        <summary>{t.kiosk.barcode}</summary>
        <div className="grid letters">
          {[...digits, ...letters].map(name => (
            <Key key={name} name={name} press={keys.press} />
          ))}
          <Edit keys={keys} />
        </div>
      </details>
      <div ref={confirm}>
        <MainAct busy={busy} disabled={keys.value.length === 0} onClick={() => submit(keys.value)}>
          {t.kiosk.go}
        </MainAct>
      </div>
    </div>
  )
}
