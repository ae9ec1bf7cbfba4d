import { Button } from 'antd'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import type { SetupJson } from '../../gateway/http/api/locker-setup.ts'
import type { LineSetupTexts } from '../i18n/line-setup-zh.ts'
import type { SetupDoor } from './line-setup-drawing.tsx'

const sizes = ['small', 'medium', 'large'] as const

const Count = (props: {
  name: string
  texts: LineSetupTexts
  value: number
  change: (value: number) => void
}) => {
  const id = useId()
  const { name, texts, value, change } = props
  const set = (to: number) => change(Math.max(1, Math.min(40, to)))
  return (
    <div className="setup-count">
      <label htmlFor={id}>{name}</label>
      <span>
        <button type="button" aria-label={texts.doors.less(name)} onClick={() => set(value - 1)}>
          −
        </button>
        <input
          id={id}
          type="number"
          min={1}
          max={40}
          value={value}
          onChange={event => set(event.target.valueAsNumber || 1)}
        />
        <button type="button" aria-label={texts.doors.more(name)} onClick={() => set(value + 1)}>
          +
        </button>
      </span>
    </div>
  )
}

/** The row below the last door of a column, for a person who moves to another column. */
const below = (doors: SetupJson['doors'], column: number): number =>
  Math.max(0, ...doors.filter(one => one.column === column).map(one => one.row)) + 1

/** What a door says, how large it is and where it stands: large buttons, and Enter when it is as proposed. */
export const WhichDoor = (props: {
  likely: SetupDoor
  doors: SetupJson['doors']
  texts: LineSetupTexts
  submit: string
  busy: boolean
  done: (door: Pick<SetupDoor, 'label' | 'size' | 'row' | 'column'>) => void
  children?: ReactNode
}) => {
  const { likely, doors, texts, busy, done } = props
  const words = texts.doors
  const id = useId()
  const box = useRef<HTMLInputElement>(null)
  // With a touch screen the proposal is right nearly always, and a keyboard would hide the rest.
  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) box.current?.select()
  }, [])
  const [label, setLabel] = useState(likely.label)
  const [size, setSize] = useState(likely.size)
  const [column, setColumn] = useState(likely.column)
  const [row, setRow] = useState(likely.row)
  return (
    <form
      className="setup-which"
      onSubmit={event => {
        event.preventDefault()
        done({ label: label.trim(), size, row, column })
      }}
    >
      <label htmlFor={id}>{words.label}</label>
      <input
        id={id}
        className="setup-label"
        required
        ref={box}
        maxLength={16}
        autoComplete="off"
        value={label}
        onFocus={event => event.target.select()}
        onChange={event => setLabel(event.target.value)}
      />
      <fieldset className="setup-sizes">
        <legend>{words.size}</legend>
        {sizes.map(one => (
          <label key={one} className={one === size ? 'chosen' : ''}>
            <input type="radio" name={`${id}size`} checked={one === size} onChange={() => setSize(one)} />
            {words.sizes[one]}
          </label>
        ))}
      </fieldset>
      <div className="setup-place">
        <Count
          name={words.column}
          texts={texts}
          value={column}
          change={to => {
            setColumn(to)
            setRow(to === likely.column ? likely.row : below(doors, to))
          }}
        />
        <Count name={words.row} texts={texts} value={row} change={setRow} />
      </div>
      <div className="setup-acts">
        <Button
          className="setup-main"
          type="primary"
          htmlType="submit"
          loading={busy}
          disabled={label.trim() === ''}
        >
          {props.submit}
        </Button>
        {props.children}
      </div>
    </form>
  )
}
