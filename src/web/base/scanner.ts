import { useEffect } from 'react'
import { after, every } from './clock.ts'

const textIn = (event: MessageEvent<unknown>, name: string): string | undefined => {
  const { data } = event
  if (event.origin !== location.origin || typeof data !== 'object' || data === null) return undefined
  const text = (data as Record<string, unknown>)[name]
  return typeof text === 'string' ? text : undefined
}

/** Another window of ours (the guided tour) holds the scanner: `scan` must not change between renders. */
export const useRemoteScanner = (scan: (code: string) => void): void => {
  useEffect(() => {
    const heard = (event: MessageEvent<unknown>) => {
      const code = textIn(event, 'shuqiaoScan')
      if (code === undefined) return
      event.source?.postMessage({ shuqiaoScanned: code }, { targetOrigin: location.origin })
      scan(code)
    }
    addEventListener('message', heard)
    return () => removeEventListener('message', heard)
  }, [scan])
}

const tryEvery = 250
const tryFor = 15_000

/** The other end: scans `code` in a frame of ours, once that has loaded and says that it heard. */
export const scanIn = (frame: () => Window | null | undefined, code: string): void => {
  const send = () => frame()?.postMessage({ shuqiaoScan: code }, location.origin)
  const heard = (event: MessageEvent<unknown>) => {
    if (textIn(event, 'shuqiaoScanned') === code) stop()
  }
  const stopTrying = every(tryEvery, send)
  const stopWaiting = after(tryFor, () => stop())
  const stop = () => {
    stopTrying()
    stopWaiting()
    removeEventListener('message', heard)
  }
  addEventListener('message', heard)
  send()
}
