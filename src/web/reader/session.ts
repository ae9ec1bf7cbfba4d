import { useEffect } from 'react'
import type { LibraryJson, TownJson } from '../../gateway/http/api/open.ts'
import type { MeJson } from '../../gateway/http/api/reader.ts'
import { post, remove } from '../base/api.ts'
import { learnNow } from '../base/clock.ts'
import { type Data, forgetAll, put, refresh, useData } from '../base/data.ts'
import { forget, recall, remember, useRecalled } from '../base/settings.ts'

/**
 * The session itself is a cookie that pages cannot read; this mark only says that one was begun here, so that a
 * visitor who never logged in is not asked about.
 */
const begun = 'reader'

export const begin = async (input: { libraryId: string; card: string; pin: string }): Promise<MeJson> => {
  const me = await post<MeJson>('/api/session/reader', input)
  remember(begun, '1')
  remember('library', me.libraryId)
  forgetAll()
  put('/api/me', me)
  return me
}

export const end = async (): Promise<void> => {
  await remove('/api/session/reader')
  forget(begun)
  forgetAll()
}

export interface Reader extends Data<MeJson> {
  readonly signedIn: boolean
}

export const useReader = (): Reader => {
  const mayBe = useRecalled(begun) === '1'
  const known = useData<MeJson>(mayBe ? '/api/me' : null)
  const out = known.problem?.signedOut ?? false
  useEffect(() => {
    if (out) forget(begun)
  }, [out])
  return { ...known, signedIn: mayBe && !out && known.data !== undefined }
}

export const useTown = (): Data<TownJson> => {
  const town = useData<TownJson>('/api/town')
  useEffect(() => {
    if (town.data) learnNow(town.data.now)
  }, [town.data])
  return town
}

/** The library whose rules and places are shown: the reader's own, else the one chosen here, else the first. */
export const useLibrary = (): { library: LibraryJson | undefined; libraries: readonly LibraryJson[] } => {
  const { data } = useTown()
  const reader = useReader()
  const wanted = reader.data?.libraryId ?? recall('library')
  const libraries = data?.libraries ?? []
  return { library: libraries.find(l => l.id === wanted) ?? libraries[0], libraries }
}

/** What the server says has changed, and which answers that makes old. */
export const ears = {
  order: () => refresh('/api/orders', '/api/me'),
  message: () => refresh('/api/me/messages'),
}
