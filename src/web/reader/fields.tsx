import { type HTMLInputAutoCompleteAttribute, useId } from 'react'

/** A labelled line to write in; what is wrong or what it is for stands below and is read out with it. */
export const Field = (props: {
  label: string
  value: string
  change: (value: string) => void
  hint?: string
  type?: 'text' | 'tel' | 'password'
  inputMode?: 'numeric' | 'tel' | 'text'
  autoComplete?: HTMLInputAutoCompleteAttribute
  maxLength?: number
  pattern?: string
  required?: boolean
}) => {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        type={props.type ?? 'text'}
        inputMode={props.inputMode ?? 'text'}
        value={props.value}
        maxLength={props.maxLength ?? 120}
        autoComplete={props.autoComplete ?? 'off'}
        required={props.required ?? true}
        {...(props.pattern ? { pattern: props.pattern } : {})}
        {...(props.hint ? { 'aria-describedby': `${id}-hint` } : {})}
        onChange={event => props.change(event.target.value)}
      />
      {props.hint && (
        <span id={`${id}-hint`} className="quiet small">
          {props.hint}
        </span>
      )}
    </div>
  )
}

/** The same, for more than a line. */
export const LongField = (props: { label: string; value: string; change: (value: string) => void }) => {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <textarea
        id={id}
        rows={3}
        maxLength={500}
        value={props.value}
        onChange={event => props.change(event.target.value)}
      />
    </div>
  )
}
