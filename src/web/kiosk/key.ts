import { recall, remember } from '../base/settings.ts'

/**
 * The key of this screen: comes once in the address (`/kiosk#key=...`), is kept on the device, and is wiped from
 * the address at once, so that nobody reads it over a shoulder.
 */
export const deviceKey = (): string | null => {
  const given = /[#&]key=([^&]+)/.exec(location.hash)?.[1]
  if (!given) return recall('device')
  const key = decodeURIComponent(given)
  remember('device', key)
  history.replaceState(null, '', location.pathname)
  return key
}
