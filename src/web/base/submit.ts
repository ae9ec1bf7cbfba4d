import { useCallback, useRef, useState } from 'react'
import { ApiProblem, newKey } from './api.ts'

interface Submit<A extends unknown[], T> {
  /** Does it, unless it is being done: the second click of a double click finds it busy. Undefined when it failed. */
  readonly run: (...input: A) => Promise<T | undefined>
  readonly busy: boolean
  readonly problem: ApiProblem | undefined
  readonly clear: () => void
}

/**
 * One act of a person. The idempotency key stays the same while the same input is tried again, so that a
 * repeat after a lost answer is known to the server, and changes with the input or after success.
 */
export const useSubmit = <A extends unknown[], T>(
  act: (key: string, ...input: A) => Promise<T>,
): Submit<A, T> => {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ApiProblem>()
  const running = useRef(false)
  const attempt = useRef<{ input: string; key: string } | undefined>(undefined)
  const latest = useRef(act)
  latest.current = act
  const run = useCallback(async (...input: A): Promise<T | undefined> => {
    if (running.current) return undefined
    running.current = true
    setBusy(true)
    setProblem(undefined)
    const text = JSON.stringify(input)
    if (attempt.current?.input !== text) attempt.current = { input: text, key: newKey() }
    try {
      const value = await latest.current(attempt.current.key, ...input)
      attempt.current = undefined
      return value
    } catch (thrown) {
      if (!(thrown instanceof ApiProblem)) throw thrown
      setProblem(thrown)
      return undefined
    } finally {
      running.current = false
      setBusy(false)
    }
  }, [])
  return { run, busy, problem, clear: useCallback(() => setProblem(undefined), []) }
}
