import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import type { ScanResultJson } from '../../gateway/http/api/staff.ts'
import { ApiProblem, post } from '../base/api.ts'
import { Icon } from '../base/icons.tsx'
import { go, useRoute } from '../base/route.ts'
import { useRemoteScanner } from '../base/scanner.ts'
import { useWords } from '../base/words.tsx'
import { refreshWork, standingAt } from './session.ts'
import { play } from './sound.ts'

/** What the arrow keys and Enter do in the list that is on screen. */
export interface ListKeys {
  readonly move: (by: 1 | -1) => void
  readonly act: () => void
  readonly others: () => void
}

interface Scanning {
  readonly result: ScanResultJson | undefined
  readonly busy: boolean
  readonly scan: (code: string) => Promise<void>
  /** Shows and sounds an answer that came another way than by scanning. */
  readonly show: (result: ScanResultJson) => void
  /** Back to the scan box. */
  readonly rest: () => void
  readonly list: React.RefObject<ListKeys | null>
  readonly box: React.RefObject<HTMLInputElement | null>
}

const Context = createContext<Scanning | null>(null)

export const useScanning = (): Scanning => {
  const scanning = useContext(Context)
  if (!scanning) throw new Error('useScanning outside <Scans>')
  return scanning
}

const asResult = (thrown: unknown): ScanResultJson => {
  if (!(thrown instanceof ApiProblem)) throw thrown
  const { title, next } = thrown.problem
  return { signal: 'no', say: title, row: null, next: next ?? null }
}

/** The code on the door of a cabinet leads to the page of that door. */
const doorOf = (code: string): string | undefined => {
  const [, locker, door] = /^https?:\/\/[^/\s]+\/l\/([\w-]+)\/([^/\s]+)$/.exec(code) ?? []
  return locker && door ? `#/lockers/${locker}/${door}` : undefined
}

const editable = 'input, textarea, select, [contenteditable]'
const clickable = `${editable}, button, a, summary, label`

/** Typing anywhere lands in the scan box, and after any act the focus comes back to it; Tab still goes round. */
const useFocusInBox = (box: React.RefObject<HTMLInputElement | null>): void => {
  const { hash } = useRoute()
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page is the event
  useEffect(() => box.current?.focus(), [hash, box])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1 || event.key === ' ')
        return
      if (event.target instanceof Element && event.target.closest(editable)) return
      box.current?.focus()
    }
    const onClick = (event: MouseEvent) => {
      if (event.target instanceof Element && !event.target.closest(clickable)) box.current?.focus()
    }
    const onWindow = () => box.current?.focus()
    document.addEventListener('keydown', onKey)
    document.addEventListener('click', onClick)
    addEventListener('focus', onWindow)
    return () => {
      document.removeEventListener('keydown', onKey)
      document.removeEventListener('click', onClick)
      removeEventListener('focus', onWindow)
    }
  }, [box])
}

export const Scans = ({ children }: { children: ReactNode }) => {
  const [result, setResult] = useState<ScanResultJson>()
  const [busy, setBusy] = useState(false)
  const box = useRef<HTMLInputElement>(null)
  const list = useRef<ListKeys>(null)
  const show = useCallback((told: ScanResultJson) => {
    setResult(told)
    play(told.signal)
    refreshWork()
    box.current?.focus()
  }, [])
  const scan = useCallback(
    async (code: string) => {
      const door = doorOf(code)
      if (door) return go(door)
      setBusy(true)
      show(
        await post<ScanResultJson>('/api/staff/scan', { code, mode: 'auto', ...standingAt() }).catch(
          asResult,
        ),
      )
      setBusy(false)
    },
    [show],
  )
  useFocusInBox(box)
  useRemoteScanner(scan)
  const value = useMemo(
    () => ({ result, busy, scan, show, rest: () => box.current?.focus(), list, box }),
    [result, busy, scan, show],
  )
  return <Context value={value}>{children}</Context>
}

/** The box itself. Empty: arrows choose a row and Enter does its next step. */
export const ScanBox = () => {
  const { t } = useWords()
  const { box, busy, scan, list } = useScanning()
  const [code, setCode] = useState('')
  const onKey = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      list.current?.move(event.key === 'ArrowDown' ? 1 : -1)
    } else if (event.key === 'Enter' && code.trim() === '') list.current?.act()
    else if (event.key === 'Enter') {
      void scan(code.trim())
      setCode('')
    } else if (event.key === 'Escape') setCode('')
    else if (event.altKey && event.code === 'KeyN') list.current?.others()
  }
  return (
    <div className={busy ? 'scan-box busy' : 'scan-box'}>
      <Icon name="scan" size={28} />
      <input
        ref={box}
        value={code}
        maxLength={200}
        aria-label={t.staff.scanBox}
        aria-describedby="scan-keys"
        placeholder={t.staff.scanHint}
        autoComplete="off"
        spellCheck={false}
        onChange={event => setCode(event.target.value)}
        onKeyDown={onKey}
      />
    </div>
  )
}
