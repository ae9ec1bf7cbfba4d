import { useEffect } from 'react'

type Heard = (data: Record<string, unknown>) => void

const readData = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/**
 * Live changes. The browser itself reconnects and sends Last-Event-ID, so nothing is missed; `ears` must not
 * change between renders (define it outside the component).
 */
export const useStream = (as: 'reader' | 'staff' | null, ears: Readonly<Record<string, Heard>>): void => {
  useEffect(() => {
    if (as === null) return undefined
    const source = new EventSource(`/api/stream?as=${as}`)
    for (const [event, heard] of Object.entries(ears)) {
      source.addEventListener(event, message => heard(readData((message as MessageEvent<string>).data)))
    }
    return () => source.close()
  }, [as, ears])
}
