interface FilterProps {
  readonly label: string;
  readonly words: string;
  readonly change: (words: string) => void;
  readonly placeholder?: string;
}

/** Narrows what is listed. `/` leads here, Escape away. */
export function Filter({ label, words, change, placeholder = 'Filter  /' }: FilterProps) {
  return (
    <input
      type="search"
      className="filter"
      data-filter=""
      aria-label={label}
      placeholder={placeholder}
      value={words}
      onChange={({ target }) => change(target.value)}
      onKeyDown={({ key, currentTarget }) => {
        if (key === 'Escape') currentTarget.blur();
      }}
    />
  );
}
