import { useEffect } from 'react'

/** Another window of ours (the guided tour) holds the scanner: `scan` must not change between renders. */
export const useRemoteScanner = (scan: (code: string) => void): void => {
  useEffect(() => {
    const heard = (event: MessageEvent<unknown>) => {
      const { data } = event
      if (event.origin !== location.origin || typeof data !== 'object' || data === null) return
      if ('shuqiaoScan' in data && typeof data.shuqiaoScan === 'string') scan(data.shuqiaoScan)
    }
    addEventListener('message', heard)
    return () => removeEventListener('message', heard)
  }, [scan])
}

/** The other end: scans `code` in a window of our own origin. */
export const scanIn = (target: Window | null | undefined, code: string): void =>
  target?.postMessage({ shuqiaoScan: code }, location.origin)
