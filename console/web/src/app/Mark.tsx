/** Mark is the console's sign. */
export function Mark({ size = 22 }: { size?: number }): React.ReactElement {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#16191f" />
      <path d="M22.5 6.500c-3.600-1.600-8.600-.8-9.600 2.900-1.200 4.400 6.600 4.600 6.200 9.200-.3 4-6 5.600-10.600 2.400" fill="none" stroke="#f2993a" strokeWidth="4" strokeLinecap="round" />
      <circle cx="22.600" cy="6.900" r="1.100" fill="#16191f" />
    </svg>
  );
}
