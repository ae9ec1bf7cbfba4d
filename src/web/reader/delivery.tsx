import { Radio } from 'antd-mobile'
import { useId } from 'react'
import type { LibraryJson } from '../../gateway/http/api/open.ts'
import type { DeliveryInput, MeJson } from '../../gateway/http/api/reader.ts'
import { Icon } from '../base/icons.tsx'
import { recall, remember } from '../base/settings.ts'
import { useWords } from '../base/words.tsx'

export type Way = DeliveryInput['way']
export const deliveryWays: readonly Way[] = ['locker', 'branch', 'home']
export const wayIcons = { locker: 'locker', branch: 'branch', home: 'home' } as const

/** What is chosen in each way; a way may be open although nothing can be chosen in it yet. */
export interface Choice {
  readonly way: Way
  readonly lockerId: string | undefined
  readonly branchId: string | undefined
  readonly addressId: string | undefined
}

/** The last choice on this device, where it still exists, else the first that can take a book. */
export const firstChoice = (library: LibraryJson, me: MeJson): Choice => {
  const locker = library.lockers.find(l => l.id === recall('locker')) ?? library.lockers.find(l => l.online)
  const branch = library.branches.find(b => b.id === recall('branch')) ?? library.branches[0]
  const address = me.addresses.find(a => a.id === recall('address')) ?? me.addresses[0]
  const asked = recall('way')
  const fallback: Way = locker ? 'locker' : 'branch'
  return {
    way: asked === 'locker' || asked === 'branch' || asked === 'home' ? asked : fallback,
    lockerId: locker?.id,
    branchId: branch?.id,
    addressId: address?.id,
  }
}

export const rememberChoice = (choice: Choice): void => {
  remember('way', choice.way)
  if (choice.lockerId) remember('locker', choice.lockerId)
  if (choice.branchId) remember('branch', choice.branchId)
  if (choice.addressId) remember('address', choice.addressId)
}

/** What the API takes; undefined when the place is still missing. */
export const deliveryOf = (choice: Choice, way: Way): DeliveryInput | undefined => {
  if (way === 'locker') return choice.lockerId ? { way, lockerId: choice.lockerId } : undefined
  if (way === 'branch') return choice.branchId ? { way, branchId: choice.branchId } : undefined
  return choice.addressId ? { way, addressId: choice.addressId } : undefined
}

interface Option {
  readonly id: string
  readonly name: string
  readonly disabled?: boolean
}

export const Places = (props: {
  label: string
  value: string | undefined
  options: readonly Option[]
  choose: (id: string) => void
}) => {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <select id={id} value={props.value ?? ''} onChange={event => props.choose(event.target.value)}>
        {props.options.map(option => (
          <option key={option.id} value={option.id} disabled={option.disabled ?? false}>
            {option.name}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Lockers with how many doors are free. */
export const LockerPlaces = (props: {
  library: LibraryJson
  value: string | undefined
  label: string
  choose: (id: string) => void
}) => {
  const { t, w } = useWords()
  const state = (locker: LibraryJson['lockers'][number]) => {
    if (!locker.online) return t.reader.cart.offline
    return locker.freeCompartments > 0 ? t.reader.cart.freeDoors(locker.freeCompartments) : t.reader.cart.full
  }
  return (
    <Places
      label={props.label}
      value={props.value}
      choose={props.choose}
      options={props.library.lockers.map(locker => ({
        id: locker.id,
        name: `${w(locker.name)}（${state(locker)}）`,
        disabled: !locker.online,
      }))}
    />
  )
}

export const BranchPlaces = (props: {
  library: LibraryJson
  value: string | undefined
  label: string
  choose: (id: string) => void
}) => {
  const { w } = useWords()
  return (
    <Places
      label={props.label}
      value={props.value}
      choose={props.choose}
      options={props.library.branches.map(branch => ({ id: branch.id, name: w(branch.name) }))}
    />
  )
}

export const AddressPlaces = (props: {
  me: MeJson
  value: string | undefined
  label: string
  next: string
  choose: (id: string) => void
}) => {
  const { t } = useWords()
  const { addresses } = props.me
  return (
    <>
      {addresses.length > 0 ? (
        <Places
          label={props.label}
          value={props.value}
          choose={props.choose}
          options={addresses.map(address => ({ id: address.id, name: address.label }))}
        />
      ) : (
        <p className="quiet">{t.reader.cart.noAddress}</p>
      )}
      <a className="text-link" href={`#/address?next=${encodeURIComponent(props.next)}`}>
        {t.reader.cart.newAddress}
      </a>
    </>
  )
}

/** One way of getting the books, with its price and its promised time beside it. */
export const WayRow = (props: { way: Way; price: string | undefined; when: string | undefined }) => {
  const { t } = useWords()
  return (
    <Radio value={props.way} block className="way-row">
      <span className="way-name">
        <Icon name={wayIcons[props.way]} size={22} />
        {t.ways[props.way]}
      </span>
      <span className="way-price">
        {props.when && <span className="quiet small">{props.when}</span>}
        {props.price && <span className="money">{props.price}</span>}
      </span>
    </Radio>
  )
}
