import { useSyncExternalStore } from 'react'
import type { Language } from './say.ts'

/** What a person chose on this device. Kept in local storage where the web-view allows it. */
interface Settings {
  readonly language: Language
  readonly large: boolean
}

const read = (name: string): string | null => {
  try {
    return localStorage.getItem(`shuqiao.${name}`)
  } catch {
    return null
  }
}

/** Private windows and some web-views refuse storage: then it lasts as long as the page. */
const write = (name: string, value: string): void => {
  try {
    localStorage.setItem(`shuqiao.${name}`, value)
  } catch {
    kept.set(name, value)
  }
}
const kept = new Map<string, string>()

export const remember = write
export const recall = (name: string): string | null => read(name) ?? kept.get(name) ?? null
export const forget = (name: string): void => {
  kept.delete(name)
  try {
    localStorage.removeItem(`shuqiao.${name}`)
  } catch {
    kept.delete(name)
  }
}

const first = (): Settings => {
  const language = recall('language')
  return { language: language === 'en' ? 'en' : 'zh', large: recall('large') === '1' }
}

let settings = first()
const watchers = new Set<() => void>()

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
  remember('language', settings.language)
  remember('large', settings.large ? '1' : '0')
  show()
  for (const watcher of watchers) watcher()
}

const watch = (act: () => void) => {
  watchers.add(act)
  return () => {
    watchers.delete(act)
  }
}

export const useSettings = (): Settings => useSyncExternalStore(watch, () => settings)
