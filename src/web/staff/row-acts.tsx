import type { z } from '@hono/zod-openapi'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import type { LibraryJson } from '../../gateway/http/api/open.ts'
import type { lineAction, ScanResultJson, WorkRowJson } from '../../gateway/http/api/staff.ts'
import { post } from '../base/api.ts'
import { Trouble } from '../base/parts.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { useScanning } from './scan.tsx'
import { standingAt, useTown } from './session.ts'

type Input_ = z.infer<typeof lineAction>
type ActName = keyof ReturnType<typeof useWords>['t']['staff']['acts']
type Need = 'barcode' | 'reason' | 'why' | 'fault' | 'note' | 'locker'

/** What an act cannot do without. */
const needs: Readonly<Partial<Record<string, Need>>> = {
  found: 'barcode',
  'not-found': 'reason',
  cancel: 'why',
  damaged: 'note',
  'sent-back': 'fault',
  'put-in-locker': 'locker',
}

/** The one next step is the first that the server allows. */
export const nextOf = (row: WorkRowJson): string | undefined => row.can[0]

export const useActWords = () => {
  const { t } = useWords()
  return (act: string): string => t.staff.acts[act as ActName] ?? act
}

/** What is already known for the act: the barcode on the list, the locker the order goes to. */
const known = (row: WorkRowJson, act: string, lockers: LibraryJson['lockers']): Input_ | undefined => {
  const need = needs[act]
  if (!need) return {}
  if (need === 'barcode') return row.barcode ? { barcode: row.barcode } : undefined
  if (need !== 'locker') return undefined
  const locker = lockers.find(one => one.name.zh === row.delivery.name.zh)
  return locker ? { lockerId: locker.id } : undefined
}

export const useLockers = (): LibraryJson['lockers'] => {
  const town = useTown()
  return town?.libraries.flatMap(library => library.lockers) ?? []
}

/** Does an act on a row, and shows and sounds what came of it in the place of scan results. */
export const useAct = () => {
  const scanning = useScanning()
  const lockers = useLockers()
  const submit = useSubmit((key, row: WorkRowJson, act: string, input: Input_) =>
    post<ScanResultJson>(
      `/api/staff/lines/${encodeURIComponent(row.lineId)}/${act}`,
      { ...input, ...standingAt() },
      key,
    ),
  )
  const run = async (row: WorkRowJson, act: string, input: Input_): Promise<boolean> => {
    const result = await submit.run(row, act, input)
    if (result) scanning.show(result)
    return result !== undefined
  }
  return { ...submit, run, known: (row: WorkRowJson, act: string) => known(row, act, lockers) }
}

const NeedField = (props: { need: Need; value: string; change: (value: string) => void }) => {
  const { t, w } = useWords()
  const lockers = useLockers()
  const label = t.staff.needs[props.need]
  const options: Partial<Record<Need, { value: string; label: string }[]>> = {
    reason: t.staff.notFoundReasons.map(reason => ({ value: reason, label: reason })),
    fault: (['carrier', 'reader'] as const).map(value => ({ value, label: t.staff.faults[value] })),
    locker: lockers.map(locker => ({ value: locker.id, label: w(locker.name) })),
  }
  if (options[props.need])
    return (
      <Select
        aria-label={label}
        placeholder={label}
        className="need"
        value={props.value || null}
        options={options[props.need] ?? []}
        onChange={props.change}
      />
    )
  return (
    <Input
      aria-label={label}
      placeholder={label}
      className="need"
      value={props.value}
      maxLength={longest[props.need]}
      onChange={event => props.change(event.target.value)}
    />
  )
}

const longest: Record<Need, number> = {
  barcode: 64,
  reason: 200,
  why: 200,
  fault: 200,
  note: 500,
  locker: 64,
}

const inputOf = (need: Need | undefined, value: string): Input_ => {
  if (need === 'barcode') return { barcode: value.trim() }
  if (need === 'reason' || need === 'why' || need === 'fault') return { reason: value.trim() }
  if (need === 'note') return { note: value.trim() }
  return need === 'locker' ? { lockerId: value } : {}
}

const OneAct = ({ row, act, done }: { row: WorkRowJson; act: string; done: () => void }) => {
  const { t } = useWords()
  const name = useActWords()
  const doing = useAct()
  const need = needs[act]
  const [value, setValue] = useState('')
  const run = async () => {
    if (await doing.run(row, act, inputOf(need, value))) done()
  }
  return (
    <div className="one-act">
      <span>{name(act)}</span>
      {need && <NeedField need={need} value={value} change={setValue} />}
      <Button loading={doing.busy} disabled={need !== undefined && value.trim() === ''} onClick={run}>
        {t.staff.doIt}
      </Button>
      {doing.problem && <Trouble problem={doing.problem} />}
    </div>
  )
}

/** Everything else that may happen to this row; folded away until somebody asks. */
export const OtherActs = ({ row, done }: { row: WorkRowJson; done: () => void }) => (
  <div className="other-acts">
    {row.can.map(act => (
      <OneAct key={act} row={row} act={act} done={done} />
    ))}
  </div>
)
