import type { IconName } from '../base/icons.tsx'

/** How the state of a library system looks: good, not known yet, waiting, or bad. */
export const linkLook = (state: string): { readonly tone: string; readonly sign: IconName } => {
  if (state === 'up') return { tone: 'good-word', sign: 'yes' }
  if (state === 'not-started') return { tone: 'quiet', sign: 'clock' }
  return state === 'down' ? { tone: 'risk late', sign: 'alert' } : { tone: 'risk at-risk', sign: 'clock' }
}
