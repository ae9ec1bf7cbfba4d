import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import type { WordsJson } from '../../gateway/http/api/common.ts'
import { type Texts, zh } from '../i18n/zh.ts'
import { setLocalProblems } from './api.ts'
import type { Language } from './say.ts'
import { useSettings } from './settings.ts'

interface Speech {
  /** The page's own texts. */
  readonly t: Texts
  readonly language: Language
  /** Words that came from the server. */
  readonly w: (words: WordsJson) => string
}

const speech = (t: Texts, language: Language): Speech => ({
  t,
  language,
  w: words => words[language] || words.zh,
})
const Context = createContext<Speech>(speech(zh, 'zh'))

export const useWords = (): Speech => useContext(Context)

/** Chinese is always here; English is fetched when somebody wants it. */
export const Speaks = ({ children }: { children: ReactNode }) => {
  const { language } = useSettings()
  const [english, setEnglish] = useState<Texts>()
  useEffect(() => {
    if (language === 'en' && !english) void import('../i18n/en.ts').then(({ en }) => setEnglish(en))
  }, [language, english])
  const value = useMemo(
    () => (language === 'en' && english ? speech(english, 'en') : speech(zh, 'zh')),
    [language, english],
  )
  useEffect(() => tellLocalProblems(value.t), [value])
  if (language === 'en' && !english) return null
  return <Context value={value}>{children}</Context>
}

const both = (text: string) => ({ zh: text, en: text })

const tellLocalProblems = (t: Texts): void => {
  const shape = (code: string, title: string, next: string) => ({
    type: `urn:shuqiao:problem:${code}`,
    status: 0,
    title: both(title),
    next: both(next),
  })
  setLocalProblems(
    shape('no-answer', t.trouble.noAnswer, t.trouble.noAnswerNext),
    shape('unreadable', t.trouble.unreadable, t.trouble.unreadableNext),
  )
}
