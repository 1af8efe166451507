/**
 * The table of hosts. Only the rows that can be seen, and some around them, are in the page: ten
 * thousand hosts scroll as smoothly as ten. All rows are of one height, which the style sheet says
 * (`--row`), and the page itself is what scrolls.
 */

import { Component } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Host } from "../types.ts";
import type { Column } from "./columns.tsx";
import { sortBy } from "./filter.ts";
import { fitting } from "./fitting.ts";
import type { Filter } from "./order.ts";
import { useRowKeys } from "./row_keys.ts";

/** Rows above and below those that can be seen. */
const AROUND = 10;

interface Props {
  readonly hosts: ReadonlyMap<string, Host>;
  /** The hosts that are shown, in order. */
  readonly names: readonly string[];
  readonly columns: readonly Column[];
  readonly filter: Filter;
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly rowPx: number;
  /** Width of the table. */
  readonly widthPx: number;
}

export function HostTable({ hosts, names, columns: all, filter }: Props) {
  const table = useRef<HTMLTableElement>(null);
  const [range, setRange] = useState<Range>({ first: 0, last: 40, rowPx: 44, widthPx: 0 });
  const { columns, isWide } = useMemo(
    () => fitting(all, filter.sort, range.widthPx),
    [all, filter.sort, range.widthPx],
  );

  function look(): void {
    const body = table.current?.tBodies[0];
    if (!body) return;
    const rowPx = parseFloat(getComputedStyle(body).getPropertyValue("--row")) || 44;
    const top = -body.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(top / rowPx) - AROUND);
    const last = Math.max(first, Math.ceil((top + innerHeight) / rowPx)) + AROUND;
    const widthPx = body.clientWidth;
    setRange((now) => {
      const isSame = now.first === first && now.last === last && now.rowPx === rowPx &&
        now.widthPx === widthPx;
      return isSame ? now : { first, last, rowPx, widthPx };
    });
  }

  useLayoutEffect(() => {
    look();
    addEventListener("scroll", look, { passive: true });
    const observer = new ResizeObserver(look);
    if (table.current !== null) observer.observe(table.current);
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
      observer.disconnect();
    };
  }, []);
  // What stands above the table may have changed its place.
  useLayoutEffect(look);
  const active = useRowKeys(table, names, range.rowPx, look);

  const shown = names.slice(range.first, range.last);
  return (
    <table
      class={isWide ? "hosts virtual hosts-wide" : "hosts virtual"}
      role="table"
      aria-rowcount={names.length + 1}
      hidden={names.length === 0}
      ref={table}
    >
      <caption class="unseen">
        Hosts. The arrow keys go from row to row, Enter opens a host.
      </caption>
      <thead role="rowgroup">
        <tr role="row" aria-rowindex={1}>
          {columns.map((column) => <Header key={column.key} column={column} filter={filter} />)}
        </tr>
      </thead>
      <tbody role="rowgroup" style={{ height: `${names.length * range.rowPx}px` }}>
        {shown.map((name, n) => {
          const host = hosts.get(name);
          const at = range.first + n;
          if (host === undefined) return null;
          return (
            <Row
              key={name}
              host={host}
              columns={columns}
              at={at}
              topPx={at * range.rowPx}
              isTabStop={active === name || active === null && at === 0}
            />
          );
        })}
      </tbody>
    </table>
  );
}

function Header({ column, filter }: { readonly column: Column; readonly filter: Filter }) {
  const { key, title, first, sort } = column;
  const isHere = filter.sort === key;
  const way = filter.dir === "asc" ? "ascending" : "descending";
  return (
    <th
      class={cellClass(column)}
      scope="col"
      role="columnheader"
      {...(sort !== null && { "aria-sort": isHere ? way : "none" as const })}
    >
      {sort === null
        ? title
        : (
          <button type="button" class="sort" onClick={() => sortBy(key, first)}>
            {title}
            <span class="sort-sign" aria-hidden="true">
              {isHere ? filter.dir === "asc" ? "▲" : "▼" : ""}
            </span>
          </button>
        )}
    </th>
  );
}

interface RowProps {
  readonly host: Host;
  readonly columns: readonly Column[];
  /** Its place among all that are shown, from 0. */
  readonly at: number;
  readonly topPx: number;
  readonly isTabStop: boolean;
}

/** Drawn again only when something of it has changed: most rows have not, however often it is looked. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const now = this.props;
    return now.host !== next.host || now.columns !== next.columns || now.topPx !== next.topPx ||
      now.isTabStop !== next.isTabStop;
  }

  override render({ host, columns, at, topPx, isTabStop }: RowProps) {
    return (
      <tr
        class={`host-${host.state}`}
        role="row"
        aria-rowindex={at + 2}
        style={{ transform: `translateY(${topPx}px)` }}
      >
        {columns.map((column) => (
          <td key={column.key} class={cellClass(column)} role="cell">
            {column.cell(host, isTabStop ? 0 : -1)}
          </td>
        ))}
      </tr>
    );
  }
}

function cellClass({ key, isNumber }: Column): string {
  return isNumber === true ? `c-${key} num` : `c-${key}`;
}
