import { useSyncExternalStore } from 'react'
import type { Language } from './say.ts'

/** What a person chose on this device. Kept in local storage where the web-view allows it. */
interface Settings {
  readonly language: Language
  readonly large: boolean
}

const kept = new Map<string, string>()
const watchers = new Set<() => void>()

const watch = (act: () => void) => {
  watchers.add(act)
  return () => {
    watchers.delete(act)
  }
}
const tell = (): void => {
  for (const watcher of watchers) watcher()
}

/** Private windows and some web-views refuse storage: then a thing lasts as long as the page. */
const stored = <T>(act: (storage: Storage) => T): T | null => {
  try {
    return act(localStorage)
  } catch {
    return null
  }
}

export const recall = (name: string): string | null =>
  kept.get(name) ?? stored(storage => storage.getItem(`shuqiao.${name}`))

export const remember = (name: string, value: string): void => {
  kept.set(name, value)
  stored(storage => storage.setItem(`shuqiao.${name}`, value))
  tell()
}

export const forget = (name: string): void => {
  kept.delete(name)
  stored(storage => storage.removeItem(`shuqiao.${name}`))
  tell()
}

/** Another window of ours wrote: what we kept is old. */
addEventListener('storage', event => {
  if (!event.key?.startsWith('shuqiao.')) return
  kept.delete(event.key.slice('shuqiao.'.length))
  tell()
})

/** A kept word, read anew when it changes. */
export const useRecalled = (name: string): string | null => useSyncExternalStore(watch, () => recall(name))

const first = (): Settings => {
  const language = recall('language')
  return { language: language === 'en' ? 'en' : 'zh', large: recall('large') === '1' }
}

let settings = first()

const show = (): void => {
  document.documentElement.lang = settings.language === 'zh' ? 'zh-CN' : 'en'
  document.documentElement.dataset.type = settings.large ? 'large' : 'plain'
}

/** To be called once before the first paint. */
export const applySettings = (): Settings => {
  show()
  return settings
}

export const choose = (changes: Partial<Settings>): void => {
  settings = { ...settings, ...changes }
  show()
  remember('language', settings.language)
  remember('large', settings.large ? '1' : '0')
}

export const useSettings = (): Settings => useSyncExternalStore(watch, () => settings)
