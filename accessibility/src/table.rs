//! The cells of a table that are in view, without asking for the others.
//!
//! A spreadsheet has 2³¹ cells. Asked for its children, LibreOffice allocates them all and never
//! answers again. So two points are asked for, at two inner corners of the table; the cells there
//! tell which rows and columns are in view, and those cells are asked for one by one. The points
//! are in the coordinates that the table itself speaks of, right or wrong.

use crate::{
    call::Call,
    geometry::{ScreenPx, ScreenRect},
    line::Line,
    reply::{CallError, ObjectRef},
};

/// Cells of one table that are looked at; rows below are left out.
const CELLS_MAX: i32 = 2_000;
/// From the edge of the table, past its border.
const INSET_PX: i32 = 3;

/// In reading order.
pub(crate) async fn cells_in_view(
    line: &Line,
    path: &str,
    bounds: ScreenRect,
) -> Result<Vec<ObjectRef>, CallError> {
    let (first, last) = corners(bounds);
    let first = cell_at(line, path, first).await?;
    let last = cell_at(line, path, last).await?;
    let (Some((top, left)), Some((bottom, right))) = (first, last) else {
        return Err(CallError::Malformed("no cell at a corner of the table".to_owned()));
    };
    let cells = cells(top..=bottom, left..=right);
    let asked: Vec<_> =
        cells.map(|(row, column)| (path, Call::TableCell { row, column })).collect();
    let mut found = Vec::new();
    for cell in line.ask_all(asked).await {
        match cell.and_then(|reply| reply.object()) {
            Ok(cell) => found.extend(cell),
            Err(error) if error.is_final() => return Err(error),
            Err(_) => {}
        }
    }
    Ok(found)
}

/// Row and column of the cell at a point.
async fn cell_at(
    line: &Line,
    table: &str,
    point: ScreenPx,
) -> Result<Option<(i32, i32)>, CallError> {
    let at = Call::AccessibleAtPoint { x: point.x, y: point.y };
    let Some(cell) = line.ask(table, at).await?.object()? else { return Ok(None) };
    let index = line.ask(&cell.path, Call::IndexInParent).await?.number()?;
    let (row, column) = tokio::join!(
        line.ask(table, Call::TableRow(index)),
        line.ask(table, Call::TableColumn(index)),
    );
    let place = (row?.number()?, column?.number()?);
    Ok(Some(place).filter(|(row, column)| *row >= 0 && *column >= 0))
}

fn corners(bounds: ScreenRect) -> (ScreenPx, ScreenPx) {
    let right = bounds.x.saturating_add_unsigned(bounds.width);
    let bottom = bounds.y.saturating_add_unsigned(bounds.height);
    let inset = |from: i32, to: i32| from.saturating_add(INSET_PX).min(to);
    let first = ScreenPx { x: inset(bounds.x, right), y: inset(bounds.y, bottom) };
    let last = ScreenPx {
        x: right.saturating_sub(INSET_PX).max(bounds.x),
        y: bottom.saturating_sub(INSET_PX).max(bounds.y),
    };
    (first, last)
}

/// At most [`CELLS_MAX`], whatever the corners say.
fn cells(
    rows: std::ops::RangeInclusive<i32>,
    columns: std::ops::RangeInclusive<i32>,
) -> impl Iterator<Item = (i32, i32)> {
    let in_order = rows.flat_map(move |row| columns.clone().map(move |column| (row, column)));
    in_order.take(CELLS_MAX as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_bounded_and_in_reading_order() {
        assert_eq!(cells(1..=2, 3..=4).collect::<Vec<_>>(), [(1, 3), (1, 4), (2, 3), (2, 4)]);
        assert_eq!(cells(0..=i32::MAX, 0..=i32::MAX).count(), CELLS_MAX as usize);
    }

    #[test]
    fn corners_are_inside() {
        let check = |bounds: ScreenRect| {
            let (first, last) = corners(bounds);
            assert!(bounds.contains(first), "{bounds:?} {first:?}");
            assert!(bounds.contains(last) || bounds.width < 4, "{bounds:?} {last:?}");
        };
        check(ScreenRect { x: 0, y: 0, width: 800, height: 600 });
        check(ScreenRect { x: -20, y: 30, width: 10, height: 10 });
        check(ScreenRect { x: i32::MAX - 9, y: 0, width: 8, height: 8 });
    }
}
