/** An open book whose two pages form the arch of a bridge. One colour: that of the text around it. */
export const Mark = ({ size = 28 }: { size?: number }) => (
  <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <path
      fill="currentColor"
      d="M1.5 8.2C6 5.4 11.3 5.6 15.2 8.4v4.3C9.7 13.1 5.4 17.4 5 23v2.4H1.5zm29 0C26 5.4 20.7 5.6 16.8 8.4v4.3C22.3 13.1 26.6 17.4 27 23v2.4h3.5z"
    />
    <path
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      d="M8 25.4v-1.2a8 8 0 0 1 16 0v1.2"
    />
  </svg>
)
