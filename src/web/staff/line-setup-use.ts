import { useCallback, useEffect, useState } from 'react'
import type { LockerSetupJson, SetupActJson, SetupJson } from '../../gateway/http/api/locker-setup.ts'
import { type ApiProblem, post } from '../base/api.ts'
import { put, refresh } from '../base/data.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { type LineSetupTexts, lineSetupZh } from '../i18n/line-setup-zh.ts'

export const setupPath = '/api/staff/locker-setup'
export const refreshSetup = (): void => refresh(setupPath)

/** The texts of this page in the language of the console; undefined until English has been fetched. */
export const useSetupTexts = (): LineSetupTexts | undefined => {
  const { language } = useWords()
  const [english, setEnglish] = useState<LineSetupTexts>()
  useEffect(() => {
    if (language === 'en' && !english)
      void import('../i18n/line-setup-en.ts').then(m => setEnglish(m.lineSetupEn))
  }, [language, english])
  return language === 'en' ? english : lineSetupZh
}

/** Takes over a picture that came as an answer. */
export const keepPicture = (told: LockerSetupJson | undefined): LockerSetupJson | undefined => {
  if (told) put(setupPath, told)
  return told
}

export interface Acting {
  readonly act: (act: SetupActJson) => Promise<LockerSetupJson | undefined>
  readonly busy: boolean
  readonly problem: ApiProblem | undefined
}

/** One step at the line, decided on the picture that is shown; what was overtaken is shown anew. */
export const useAct = ({ id, turn }: Pick<SetupJson, 'id' | 'turn'>): Acting => {
  const submit = useSubmit((_key, on: number, act: SetupActJson) =>
    post<LockerSetupJson>(`${setupPath}/${encodeURIComponent(id)}/act`, { turn: on, act }),
  )
  const { run, busy, problem } = submit
  const act = useCallback(
    async (wanted: SetupActJson) => {
      const told = keepPicture(await run(turn, wanted))
      if (!told) refreshSetup()
      return told
    },
    [run, turn],
  )
  return { act, busy, problem }
}

type Channel = SetupJson['channels'][number]
export const sameChannel = (a: Channel, b: Channel): boolean => a.board === b.board && a.channel === b.channel
export const channelName = ({ board, channel }: Channel): string => `${board}/${channel}`
export const has = (all: readonly Channel[], one: Channel): boolean =>
  all.some(other => sameChannel(other, one))
