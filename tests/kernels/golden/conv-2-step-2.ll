define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <4 x float> poison, float %v2, i64 0
  %v4 = shufflevector <4 x float> %v3, <4 x float> poison, <4 x i32> zeroinitializer
  br label %enter
enter:
  %v5 = icmp sgt i64 %pairs, 0
  br i1 %v5, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v6 = getelementptr float, ptr %wp, i64 1024
  %v7 = getelementptr float, ptr %v6, i64 0
  call void @llvm.prefetch.p0(ptr %v7, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v8 = getelementptr float, ptr %wp, i64 0
  %v9 = load float, ptr %v8, align 4
  %v10 = insertelement <4 x float> poison, float %v9, i64 0
  %v11 = shufflevector <4 x float> %v10, <4 x float> poison, <4 x i32> zeroinitializer
  %v12 = getelementptr float, ptr %xp, i64 0
  %v13 = load <4 x float>, ptr %v12, align 4
  %v14 = getelementptr float, ptr %xp, i64 4
  %v15 = load <4 x float>, ptr %v14, align 4
  %v16 = shufflevector <4 x float> %v13, <4 x float> %v15, <4 x i32> <i32 0, i32 2, i32 4, i32 6>
  %v17 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v16, <4 x float> %v11, <4 x float> %a0_0_0)
  call void @llvm.codeview.annotation(metadata !0)
  %v18 = getelementptr float, ptr %wp, i64 1
  %v19 = load float, ptr %v18, align 4
  %v20 = insertelement <4 x float> poison, float %v19, i64 0
  %v21 = shufflevector <4 x float> %v20, <4 x float> poison, <4 x i32> zeroinitializer
  %v22 = getelementptr float, ptr %xp, i64 1
  %v23 = load <4 x float>, ptr %v22, align 4
  %v24 = getelementptr float, ptr %xp, i64 5
  %v25 = load <4 x float>, ptr %v24, align 4
  %v26 = shufflevector <4 x float> %v23, <4 x float> %v25, <4 x i32> <i32 0, i32 2, i32 4, i32 6>
  %v27 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v26, <4 x float> %v21, <4 x float> %v17)
  %a0_0_0.next = bitcast <4 x float> %v27 to <4 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 2
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v28 = phi <4 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v29 = mul i64 %y_channel, 0
  %v30 = getelementptr float, ptr %y, i64 %v29
  %v31 = icmp sle i64 %low, 0
  %v32 = icmp sge i64 %high, 4
  %v33 = and i1 %v31, %v32
  br i1 %v33, label %plain, label %masked
plain:
  %v34 = getelementptr float, ptr %v30, i64 0
  store <4 x float> %v28, ptr %v34, align 4
  br label %end
masked:
  %v35 = insertelement <4 x i64> poison, i64 %low, i64 0
  %v36 = shufflevector <4 x i64> %v35, <4 x i64> poison, <4 x i32> zeroinitializer
  %v37 = icmp sge <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v36
  %v38 = insertelement <4 x i64> poison, i64 %high, i64 0
  %v39 = shufflevector <4 x i64> %v38, <4 x i64> poison, <4 x i32> zeroinitializer
  %v40 = icmp slt <4 x i64> <i64 0, i64 1, i64 2, i64 3>, %v39
  %v41 = and <4 x i1> %v37, %v40
  %v42 = getelementptr float, ptr %v30, i64 0
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v28, ptr %v42, i32 4, <4 x i1> %v41)
  br label %end
end:
  ret void
}
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)
declare void @llvm.codeview.annotation(metadata)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
!0 = !{!""}
