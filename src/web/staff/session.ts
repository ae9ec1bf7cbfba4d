import { useEffect } from 'react'
import type { TownJson } from '../../gateway/http/api/open.ts'
import type { StaffMeJson } from '../../gateway/http/api/staff.ts'
import { post, remove } from '../base/api.ts'
import { learnNow } from '../base/clock.ts'
import { type Data, forgetAll, put, refresh, useData } from '../base/data.ts'
import { forget, recall, remember, useRecalled } from '../base/settings.ts'

const begun = 'staff'

export const begin = async (input: { user: string; password: string }): Promise<StaffMeJson> => {
  const me = await post<StaffMeJson>('/api/session/staff', input)
  remember(begun, '1')
  forgetAll()
  put('/api/staff/me', me)
  return me
}

export const end = async (): Promise<void> => {
  await remove('/api/session/staff')
  forget(begun)
  forgetAll()
}

/** The person at the desk; undefined data while nobody is logged in. */
export const useStaff = (): Data<StaffMeJson> & { readonly signedIn: boolean } => {
  const mayBe = useRecalled(begun) === '1'
  const known = useData<StaffMeJson>(mayBe ? '/api/staff/me' : null)
  const out = known.problem?.signedOut ?? false
  useEffect(() => {
    if (out) forget(begun)
  }, [out])
  return { ...known, signedIn: mayBe && !out && known.data !== undefined }
}

export const useTown = (): TownJson | undefined => {
  const { data } = useData<TownJson>('/api/town')
  useEffect(() => {
    if (data) learnNow(data.now)
  }, [data])
  return data
}

/** After anything that moves a book: the lists, the numbers and the lockers are old. */
export const refreshWork = (): void => refresh('/api/staff/work', '/api/staff/today', '/api/staff/lockers')

/** After anything that a library system was told, or that staff settled with it. */
export const refreshLinks = (): void => refresh('/api/staff/links')

export const ears = {
  work: refreshWork,
  order: refreshWork,
  locker: () => refresh('/api/staff/lockers'),
  'locker-setup': () => refresh('/api/staff/locker-setup'),
  link: refreshLinks,
}

const desk = 'desk-branch'

/** The branch at which this person stands today, kept on the device; '' where nobody said. */
export const useStandingAt = (): readonly [branchId: string, choose: (branchId: string) => void] => [
  useRecalled(desk) ?? '',
  branchId => remember(desk, branchId),
]

/** What goes with every scan and act of theirs. */
export const standingAt = (): { readonly branchId?: string } => {
  const branchId = recall(desk)
  return branchId ? { branchId } : {}
}
